import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
function cancelSignal(){let controller=new AbortController,by=null;for(let name of["SIGINT","SIGTERM"])process.on(name,()=>{by??=name,controller.abort(by)});return{signal:controller.signal,by:()=>by}}export{cancelSignal};
