import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{findInterpreter,fitsRequirement,matches,parsePythonVersion}from"./chunk-5FUF6PCV.js";import"./chunk-IHAOGXRI.js";import"./chunk-42GMBGG7.js";import"./chunk-PGMZPJCF.js";export{findInterpreter,fitsRequirement,matches,parsePythonVersion};
