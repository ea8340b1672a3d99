import https from 'node:https'; import net from 'node:net'; import { readFileSync } from 'node:fs';
import { createClient } from '../../client/src/index.ts';
import { jsonBody } from '../../client/src/request/json-body.ts';
import { ListWatch, Reflector } from '../../listwatch/src/index.ts';
import { MemorySink } from '../../listwatch/src/testing.ts';
import { systemClock, systemRandom } from '@bowline/apimachinery';
import { test } from 'vitest';
const pem=(n:string)=>readFileSync('/work/main/packages/client/src/testdata/'+n);
const listen=(s:net.Server)=>new Promise<number>(r=>s.listen(0,'127.0.0.1',()=>r((s.address() as net.AddressInfo).port)));
test.concurrent.each<[string,string,net.Server]>([
 ['destroy','http',net.createServer(s=>s.destroy())],
 ['tls on http','http',https.createServer({key:pem('server.key'),cert:pem('server.pem')},(_,r)=>r.end('{}'))],
])('%s', async (n,p,s)=>{
 const port=await listen(s); const client=createClient({cluster:{server:`${p}://127.0.0.1:${port}`}});
 const t0=Date.now(); const out:string[]=[]; const log=(l:string)=>(_:object,m:string)=>out.push(`${Date.now()-t0} ${l} ${m}`);
 const logger:any={trace(){},debug(){},info:log('info'),warn:log('warn'),error:log('error'),child(){return logger}};
 const r=new Reflector({source:new ListWatch(client,{group:'',version:'v1',resource:'configmaps'}),sink:new MemorySink(),clock:systemClock,random:systemRandom,logger});
 const stop=new AbortController(); const run=r.run(stop.signal);
 await new Promise(f=>setTimeout(f,500)); const {lastError,failures,state}=r.status(); console.log(n, {lastError,failures,state});
 await new Promise(f=>setTimeout(f,11500)); stop.abort(); await run; console.log(out.join('\n')); await client.close(); s.close();
}, 30000);
test('cost', ()=>{
 const pod=(t:any)=>({apiVersion:'v1',kind:'Pod',metadata:{name:'a',creationTimestamp:t,labels:{a:'b'}},spec:{containers:Array.from({length:5},(_,i)=>({name:`c${i}`,image:'x',env:Array.from({length:10},(_,j)=>({name:`E${j}`,value:`v${j}`}))}))}});
 for (let round=0;round<2;round++) for (const [n,t] of [['no null','2020'],['null',null]] as const) { const p=pod(t);
  const time=(f:()=>unknown)=>{const s=performance.now(); for(let i=0;i<20000;i++)f(); return ((performance.now()-s)/20).toFixed(2)+' µs'};
  console.log(n, JSON.stringify(p).length,'B stringify',time(()=>JSON.stringify(p)),'jsonBody',time(()=>jsonBody(p,'x'))); }
},60000);
