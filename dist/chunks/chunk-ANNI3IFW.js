import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{error,warning}from"./chunk-L5HQRH2I.js";function annotate({title,message,file,startLine},level="error"){(level==="error"?error:warning)(message,{title,...file===void 0?{}:{file},...startLine===void 0?{}:{startLine}})}export{annotate};
