import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{SAY_ROWS}from"./chunk-KBB42BCF.js";var CACHE_TABLE={json:SAY_ROWS.json,verbose:SAY_ROWS.verbose};export{CACHE_TABLE};
