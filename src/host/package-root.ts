import { fileURLToPath } from "node:url";

/** The project's own folder, in a checkout and when installed: releases/, schemas and package.json lie there. */
export const packageRoot = fileURLToPath(new URL("../../", import.meta.url));
