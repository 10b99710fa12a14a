import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{isDebug}from"./chunk-L5HQRH2I.js";import{printable}from"./chunk-EBE6DREE.js";import{randomBytes}from"node:crypto";var COMMAND=/(^|[\r\n])[\s\u0085]*::|##\[/,NEWLINE=10;function createActionLog(target=process.stdout){let token=null,lineOpen=!1,depth=0,write=chunk=>{if(chunk.length===0)return;target.write(chunk),lineOpen=(typeof chunk=="string"?chunk.charCodeAt(chunk.length-1):chunk.at(-1))!==NEWLINE},command=text=>{write(`${lineOpen?`
`:""}${text}
`)},data=chunk=>{token===null&&(token=randomBytes(24).toString("hex"),command(`::stop-commands::${token}`)),write(chunk)},close=()=>{token!==null&&(command(`::${token}::`),token=null)},line=text=>{let whole=`${lineOpen?`
`:""}${text}
`;COMMAND.test(text)?data(whole):write(whole)};return{async stage(title,body){depth===0?(close(),command(`::group::${escapeData(printable(title))}`)):line(printable(title)),depth+=1;try{return await body()}finally{depth-=1,depth===0&&(close(),command("::endgroup::"))}},info:line,debug(text){isDebug()&&line(`debug: ${text}`)},notice:text=>line(`notice: ${text}`),warning:text=>line(`warning: ${text}`),passthrough:(_stream,chunk)=>{data(chunk)},block(text){text!==""&&(data(`${lineOpen?`
`:""}${text.endsWith(`
`)?text:`${text}
`}`),close())},close}}function escapeData(text){return text.replaceAll("%","%25").replaceAll("\r","%0D").replaceAll(`
`,"%0A")}export{createActionLog};
