/** Without terminal control sequences and other control characters. */
export function plainText(text: string): string {
  return text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "").replace(/[^\n\t\u0020-\u007e\u00a0-\uffff]/g, "");
}
