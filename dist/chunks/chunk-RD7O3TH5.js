import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{statSync}from"node:fs";function statsOf(path){try{return statSync(path)}catch(error){let code=error instanceof Error&&"code"in error?error.code:null;if(code==="ENOENT"||code==="ENOTDIR")return null;throw error}}export{statsOf};
