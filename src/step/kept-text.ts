/** The start and the end of a text that grows without bound, for those who read it later. */
export class KeptText {
  private head = "";
  private tail: string[] = [];
  private tailSize = 0;
  private lost = 0;

  constructor(private readonly limit = 4 * 1024 * 1024) {}

  add(text: string): void {
    if (this.head.length + text.length <= this.limit && this.tail.length === 0) {
      this.head += text;
      return;
    }
    this.tail.push(text);
    this.tailSize += text.length;
    while (this.tail.length > 1 && this.tailSize > this.limit) {
      const gone = this.tail.shift()?.length ?? 0;
      this.tailSize -= gone;
      this.lost += gone;
    }
  }

  text(): string {
    const gap = this.lost === 0 ? "" : `\n... ${this.lost} characters left out ...\n`;
    return this.head + gap + this.tail.join("");
  }
}
