// No-op reconciles per second of kube-rs's controller loop (scheduler and runner, by `applier`): 100,000 distinct keys, no API server.
use futures::{stream, StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::runtime::{
    applier,
    controller::{Action, Config},
    reflector::{store::Writer, ObjectRef},
    watcher::Event,
};
use std::{convert::Infallible, sync::Arc, time::Instant};

const KEYS: usize = 100_000;

#[tokio::main]
async fn main() {
    // A round that is not counted comes first: everybody is as fast as later in its life.
    for (round, concurrency) in [(1, 1u16), (1, 10), (2, 1), (2, 10)] {
        let mut writer = Writer::<ConfigMap>::new(());
        let store = writer.as_reader();
        let objects: Vec<ConfigMap> = (0..KEYS)
            .map(|i| {
                let mut object = ConfigMap::default();
                object.metadata.namespace = Some(format!("team-{:02}", i % 100));
                object.metadata.name = Some(format!("app-{}-5010047522-{i:06x}", i % 400));
                object
            })
            .collect();
        writer.apply_watcher_event(&Event::Init);
        for object in &objects {
            writer.apply_watcher_event(&Event::InitApply(object.clone()));
        }
        writer.apply_watcher_event(&Event::InitDone);
        let keys: Vec<_> = objects.iter().map(|object| Ok::<_, Infallible>(ObjectRef::from_obj(object))).collect();
        let start = Instant::now();
        let reconciled = applier(
            |_: Arc<ConfigMap>, _: Arc<()>| Box::pin(async { Ok::<_, Infallible>(Action::await_change()) }),
            |_, _: &Infallible, _| Action::await_change(),
            Arc::new(()),
            store,
            stream::iter(keys).chain(stream::pending()),
            Config::default().concurrency(concurrency),
        );
        let count = reconciled.take(KEYS).map_err(|error| panic!("{error:?}")).try_fold(0usize, |sum, _| async move { Ok::<_, ()>(sum + 1) }).await.unwrap();
        let per_second = count as f64 / start.elapsed().as_secs_f64();
        if round == 1 {
            continue;
        }
        println!("{}", serde_json::json!({"phase": format!("reconciles{concurrency}PerS"), "value": per_second}));
    }
}
