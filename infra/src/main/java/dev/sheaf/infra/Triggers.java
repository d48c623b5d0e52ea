package dev.sheaf.infra;

import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.events.Rule;
import software.amazon.awscdk.services.events.RuleTargetInput;
import software.amazon.awscdk.services.events.Schedule;
import software.amazon.awscdk.services.events.targets.LambdaFunction;
import software.amazon.awscdk.services.events.targets.SqsQueue;
import software.amazon.awscdk.services.lambda.EventInvokeConfigOptions;
import software.amazon.awscdk.services.lambda.EventSourceMapping;
import software.constructs.Construct;

/** What calls the functions beside the gateway: queues and schedules. */
final class Triggers {
  /** The rule that runs jobs whose message was lost. */
  static final String WAKE_UP = "wake-up";

  private final Construct scope;
  private final Site site;
  private final Stores stores;
  private final Functions functions;

  private Triggers(Construct scope, Site site, Stores stores, Functions functions) {
    this.scope = scope;
    this.site = site;
    this.stores = stores;
    this.functions = functions;
  }

  static void addTo(Construct scope, Site site, Stores stores, Functions functions) {
    Triggers triggers = new Triggers(scope, site, stores, functions);
    triggers.feed();
    triggers.schedule();
    triggers.wakeUp();
  }

  private void feed() {
    feed("UploadsToBundleIndex", stores.uploads(), functions.index(), site.indexConcurrency());
    feed("RepairsToRepair", stores.repairs(), functions.repair(), 2);
    functions
        .peerSync()
        .ifPresent(peers ->
            feed("FollowsToPeerSync", stores.follows().orElseThrow(), peers.function(), 2));
  }

  /**
   * @param concurrency how many messages are worked on at once
   */
  private void feed(String id, WorkQueue work, SheafFunction function, int concurrency) {
    EventSourceMapping.Builder.create(scope, id)
        .target(function.live())
        .eventSourceArn(work.queue().getQueueArn())
        // An invocation that crashes takes no other repository's message with it.
        .batchSize(1)
        .reportBatchItemFailures(true)
        .maxConcurrency(concurrency)
        .build()
        .getNode()
        .addDependency(function.role());
  }

  private void schedule() {
    schedule("CompactionSchedule", functions.compaction(), site.compactionEveryMinutes());
    schedule("RepairSchedule", functions.repair(), site.repairEveryMinutes());
  }

  /**
   * One run in time is worth more than a late repetition: the next run does what one left undone.
   */
  private void schedule(String id, SheafFunction function, int everyMinutes) {
    function
        .live()
        .configureAsyncInvoke(EventInvokeConfigOptions.builder().retryAttempts(0).build());
    Rule.Builder.create(scope, id)
        .ruleName(site.resource(function.settings().name()))
        .schedule(Schedule.rate(Duration.minutes(everyMinutes)))
        .targets(List.of(LambdaFunction.Builder.create(function.live()).retryAttempts(0).build()))
        .build();
  }

  private void wakeUp() {
    Rule.Builder.create(scope, "WakeUpSchedule")
        .ruleName(site.resource(WAKE_UP))
        .description("Runs jobs whose message was lost")
        .schedule(Schedule.rate(wakeUpEvery(site)))
        .targets(
            List.of(
                SqsQueue.Builder.create(stores.uploads().queue())
                    .message(RuleTargetInput.fromObject(Map.of("sheaf", "wake-up-all")))
                    .build()))
        .build();
  }

  /** It asks the catalog: one that is to pause when nobody uses it is not kept awake for this. */
  static Duration wakeUpEvery(Site site) {
    return site.catalog().mayPause() ? Duration.hours(6) : Duration.minutes(5);
  }
}
