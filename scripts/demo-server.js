// Serves release archives over loopback HTTP the way SourceForge does: /projects/NAME/files/... answers with a redirect
// to a mirror's address, which knows ranges.
import { createReadStream, readdirSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

/**
 * @param {string} folder holds NAME-VERSION.tar.gz
 * @param {string} name
 * @param {string} withdrawn the version that the vendor took down; a mirror still has it
 * @returns {Promise<{ releases: { version: string, urls: string[] }[], stop: () => void }>}
 */
export async function serveReleases(folder, name, withdrawn) {
  const archives = readdirSync(folder).filter((file) => file.endsWith(".tar.gz"));
  const versionOf = (file) => file.slice(`${name}-`.length, -".tar.gz".length);
  const pathOf = (file) => `/projects/${name}/files/${name}%20stable/${versionOf(file)}/${file}/download`;
  const server = createServer((request, response) => {
    const asked = archives.find((file) => request.url === pathOf(file));
    const served = archives.find((file) => request.url === `/mirror/${file}`);
    if (asked && versionOf(asked) !== withdrawn)
      response.writeHead(302, { location: `/mirror/${asked}` }).end();
    else if (served) sendFile(join(folder, served), request, response);
    else response.writeHead(404).end("no such file\n");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    releases: archives.map((file) => ({
      version: versionOf(file),
      urls: [origin + pathOf(file), ...(versionOf(file) === withdrawn ? [`${origin}/mirror/${file}`] : [])],
    })),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function sendFile(path, request, response) {
  const size = statSync(path).size;
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const headers = {
    "content-type": "application/x-gzip",
    "content-length": size - start,
    "accept-ranges": "bytes",
  };
  if (start > 0 && start < size) headers["content-range"] = `bytes ${start}-${size - 1}/${size}`;
  response.writeHead(start > 0 && start < size ? 206 : 200, headers);
  createReadStream(path, { start: start < size ? start : 0 }).pipe(response);
}
