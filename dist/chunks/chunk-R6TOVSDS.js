import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{isDebug}from"./chunk-L5HQRH2I.js";import{printable}from"./chunk-SM547Z77.js";import{randomBytes}from"node:crypto";function paceOf(target){let stopped=!1,waiting,wait=()=>new Promise(resolve=>{let length=target.writableLength,timer,done=()=>{clearTimeout(timer),target.off("drain",done),waiting=void 0,resolve()},look=()=>{if(stopped=target.writableLength>=length,stopped||target.writableLength<=524288)return done();length=target.writableLength,timer=setTimeout(look,1e3)};timer=setTimeout(look,1e3),target.once("drain",done)});return{takes:()=>(target.writableLength<=524288&&(stopped=!1),!stopped||target.writableLength<=16777216),caughtUp:()=>{if(!(stopped||target.writableLength<=524288))return waiting??=wait(),waiting}}}var COMMAND=/(^|[\r\n])[\s\u0085]*::|##\[/,NEWLINE=10;function createActionLog(target=process.stdout){let pace=paceOf(target),dropped=0,token=null,lineOpen=!1,depth=0,write=chunk=>{if(chunk.length===0)return;target.write(chunk),lineOpen=(typeof chunk=="string"?chunk.charCodeAt(chunk.length-1):chunk.at(-1))!==NEWLINE},command=text=>{write(`${lineOpen?`
`:""}${text}
`)},data=chunk=>{token===null&&(token=randomBytes(24).toString("hex"),command(`::stop-commands::${token}`)),write(chunk)},close=()=>{token!==null&&(command(`::${token}::`),token=null)},line=text=>{let whole=`${lineOpen?`
`:""}${text}
`;COMMAND.test(text)?data(whole):write(whole)};return{async stage(title,body){depth===0?(close(),command(`::group::${escapeData(printable(title))}`)):line(printable(title)),depth+=1;try{return await body()}finally{depth-=1,depth===0&&(close(),command("::endgroup::"))}},info:line,debug(text){isDebug()&&line(`debug: ${text}`)},notice:text=>line(`notice: ${text}`),warning:text=>line(`warning: ${text}`),passthrough:(_stream,chunk)=>{if(!pace.takes()){dropped+=chunk.length;return}return dropped>0&&data(`
[exitproof: ${dropped} bytes are left out here, nobody read them in time]
`),dropped=0,data(Buffer.from(chunk)),pace.caughtUp()},block(text){text!==""&&(data(`${lineOpen?`
`:""}${text.endsWith(`
`)?text:`${text}
`}`),close())},close}}function escapeData(text){return text.replaceAll("%","%25").replaceAll("\r","%0D").replaceAll(`
`,"%0A")}export{createActionLog};
