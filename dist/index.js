import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import"./chunks/chunk-IOYQHNP2.js";import{openSession,watch}from"./chunks/chunk-WWAGTYC4.js";import"./chunks/chunk-GGLO7CIJ.js";import"./chunks/chunk-5PSEBZG2.js";import"./chunks/chunk-PFFZTTKZ.js";import"./chunks/chunk-PGMZPJCF.js";export{openSession,watch};
