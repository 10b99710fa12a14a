import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{registerGuard,removeFolder,sweepDeadGuards}from"./chunk-YNWA57J2.js";import"./chunk-V42EHPXV.js";import"./chunk-PGMZPJCF.js";export{registerGuard,removeFolder,sweepDeadGuards};
