import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{registerGuard,sweepDeadGuards}from"./chunk-IRW4Y63B.js";import"./chunk-V42EHPXV.js";import"./chunk-PGMZPJCF.js";export{registerGuard,sweepDeadGuards};
