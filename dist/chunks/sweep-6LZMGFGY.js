import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{registerGuard,sweepDeadGuards}from"./chunk-75CPCSRM.js";import"./chunk-PGMZPJCF.js";export{registerGuard,sweepDeadGuards};
