/** Whether a file holds C by its name; assembler (.S) is compared by lines as all other files are. */
export function isSource(path: string): boolean {
  return /\.[ch]$/.test(path);
}
