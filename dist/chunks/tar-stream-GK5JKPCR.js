import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{require_tar_stream}from"./chunk-BXMKIRBD.js";import"./chunk-PGMZPJCF.js";export default require_tar_stream();
