// kube-rs's watcher and reflector, asked by lines on standard input: sync, collect, release, burst N, relist, end.
// usage: kube-rs-peer URL PODS MODE; MODE: typed | typed-streaming | dynamic (of the custom resource)
use futures::{pin_mut, StreamExt};
use k8s_openapi::api::core::v1::Pod;
use kube::{
    api::{ApiResource, DynamicObject, GroupVersionKind},
    runtime::{reflector, watcher, watcher::Event},
    Api, Client, Config,
};
use serde_json::json;
use std::{fmt::Debug, hash::Hash, io::BufRead, time::Instant};
use tokio::sync::mpsc::{unbounded_channel, UnboundedReceiver};

type Lines = UnboundedReceiver<String>;

fn lines() -> Lines {
    let (sender, receiver) = unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            if sender.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// What it waits for: the command, and how many events are still missing (a relist ends by itself).
struct Wait {
    phase: &'static str,
    missing: u64,
    calls: u64,
}

async fn run<K>(api: Api<K>, writer: reflector::store::Writer<K>, mode: &str, pods: u64, mut lines: Lines)
where
    K: kube::Resource + Clone + serde::de::DeserializeOwned + Debug + Send + Sync + 'static,
    K::DynamicType: Eq + Hash + Clone,
{
    println!("{}", json!({"phase": "ready"}));
    // The stream starts when it is polled: at "sync".
    loop {
        match lines.recv().await.as_deref() {
            Some("sync") => break,
            Some(other) => answer(other),
            None => return,
        }
    }
    let config = if mode == "typed-streaming" { watcher::Config::default().streaming_lists() } else { watcher::Config::default() };
    let store = writer.as_reader();
    let start = Instant::now();
    let stream = reflector(writer, watcher(api, config));
    pin_mut!(stream);
    let mut wait = Some(Wait { phase: "sync", missing: 0, calls: 0 });
    loop {
        let event = tokio::select! {
            event = stream.next() => event.unwrap(),
            line = lines.recv() => {
                match line.as_deref() {
                    None | Some("end") => return,
                    Some("relist") => wait = Some(Wait { phase: "relist", missing: 0, calls: 0 }),
                    Some(command) if command.starts_with("burst ") => {
                        wait = Some(Wait { phase: "burst", missing: command[6..].parse().unwrap(), calls: 0 });
                    }
                    Some(other) => { answer(other); continue }
                }
                println!("{}", json!({"phase": "armed"}));
                continue;
            }
        };
        let Some(waiting) = wait.as_mut() else { continue };
        match event {
            Ok(Event::InitApply(_)) => waiting.calls += 1,
            Ok(Event::InitDone) => {
                assert_eq!(store.len() as u64, pods);
                println!("{}", json!({"phase": waiting.phase, "ms": start.elapsed().as_secs_f64() * 1e3, "calls": waiting.calls}));
                wait = None;
            }
            Ok(Event::Apply(_)) => {
                waiting.calls += 1;
                if waiting.calls == waiting.missing {
                    println!("{}", json!({"phase": waiting.phase, "calls": waiting.calls}));
                    wait = None;
                }
            }
            Ok(Event::Init | Event::Delete(_)) => {}
            Err(error) if waiting.phase == "relist" => drop(error), // the version that has expired
            Err(error) => panic!("{error}"),
        }
    }
}

/// There is nothing to collect in Rust; what its allocator keeps can be given back to the system.
fn answer(command: &str) {
    if command == "release" {
        unsafe { libc::malloc_trim(0) };
    }
    let m = unsafe { libc::mallinfo2() };
    println!("{}", json!({"phase": command, "heapBytes": m.uordblks + m.hblkhd}));
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, url, pods, mode] = arguments.as_slice() else { panic!("usage: kube-rs-peer URL PODS MODE") };
    let pods = pods.parse().unwrap();
    let client = Client::try_from(Config::new(url.parse().unwrap())).unwrap();
    if mode == "dynamic" {
        let resource = ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk("bench.example.com", "v1", "BenchPod"), "benchpods");
        run::<DynamicObject>(Api::all_with(client, &resource), reflector::store::Writer::new(resource), mode, pods, lines()).await;
    } else {
        run::<Pod>(Api::all(client), reflector::store::Writer::new(()), mode, pods, lines()).await;
    }
}
