import type { DownloadEvent } from "../catalog/download.js";
import { renderByteSize } from "./byte-size.js";
import type { LiveLines } from "./live-lines.js";

/** A line for each file that comes, one for the sum, and what stood in the way. */
export function downloadProgress(lines: LiveLines): (event: DownloadEvent) => void {
  let files = 0;
  let sumBytes = 0;
  const sum = (): string => `${files} ${files === 1 ? "file" : "files"}, ${renderByteSize(sumBytes)}`;
  return (event) => {
    const name = `${event.release.driver} ${event.release.version}`;
    switch (event.kind) {
      case "receiving":
        lines.show(name, `${name}: ${howFar(event)}`);
        return lines.show("in sum", `in sum ${sum()}`);
      case "done":
        files += 1;
        sumBytes += event.sizeBytes;
        lines.settle("in sum");
        return lines.settle(name, `${name}: ${renderByteSize(event.sizeBytes)} (in sum ${sum()})`);
      case "retrying":
        return lines.settle(
          name,
          `${name}: ${event.reason}; asking again in ${event.waitMs / 1000} s: ${event.url}`,
        );
      case "gave-up":
        return lines.settle(name, `${name}: ${event.reason}: ${event.url}`);
      case "cached":
        return undefined;
    }
  };
}

function howFar({ receivedBytes, totalBytes }: { receivedBytes: number; totalBytes?: number }): string {
  if (totalBytes === undefined || totalBytes === 0) return renderByteSize(receivedBytes);
  const percent = Math.min(100, Math.floor((100 * receivedBytes) / totalBytes));
  return `${renderByteSize(receivedBytes)} of ${renderByteSize(totalBytes)}, ${percent} %`;
}
