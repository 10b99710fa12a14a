import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
async function mapBounded(items,limit,work){let results=new Array(items.length),queue=items.entries(),worker=async()=>{for(let[index,item]of queue)results[index]=await work(item)};return await Promise.all(Array.from({length:Math.min(limit,items.length)},worker)),results}export{mapBounded};
