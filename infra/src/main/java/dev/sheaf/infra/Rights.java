package dev.sheaf.infra;

import java.util.List;
import software.amazon.awscdk.services.sqs.Queue;

/**
 * What each function may do with what the site keeps: every grant is given here, but those of
 * {@link CatalogRole}, which has its own.
 */
final class Rights {
  /** What a transaction takes. Batches are a call that nobody makes. */
  static final List<String> DATA_API =
      List.of(
          "rds-data:BeginTransaction",
          "rds-data:CommitTransaction",
          "rds-data:ExecuteStatement",
          "rds-data:RollbackTransaction");

  private static final List<String> RECEIVE =
      List.of(
          "sqs:ChangeMessageVisibility",
          "sqs:DeleteMessage",
          "sqs:GetQueueAttributes",
          "sqs:ReceiveMessage");
  private static final List<String> RECEIVE_AND_SEND =
      List.of(
          "sqs:ChangeMessageVisibility",
          "sqs:DeleteMessage",
          "sqs:GetQueueAttributes",
          "sqs:ReceiveMessage",
          "sqs:SendMessage");

  private final Site site;
  private final Stores stores;
  private final Functions functions;

  private Rights(Site site, Stores stores, Functions functions) {
    this.site = site;
    this.stores = stores;
    this.functions = functions;
  }

  static void give(Site site, Stores stores, Functions functions) {
    Rights rights = new Rights(site, stores, functions);
    functions.onCatalog().forEach(rights::catalog);
    rights.index(functions.index());
    rights.api(functions.api());
    rights.compaction(functions.compaction());
    functions.peerSync().ifPresent(rights::peerSync);
    rights.repair(functions.repair());
  }

  private void catalog(SheafFunction function) {
    function.allow(DATA_API, stores.catalog().clusterArn());
    read(function, stores.catalog().roleSecretArn());
  }

  /** What the two may do that bring uploads in. */
  private void indexing(SheafFunction function) {
    list(function);
    // The index wakes itself for what is left to do, the API for what an upload does not tell.
    send(function, stores.uploads().queue());
    // Neither deletes: the pack of a push that lost is left to compaction.
    function.allow(List.of("s3:GetObject", "s3:PutObject"), keys("git/*"));
  }

  private void index(SheafFunction index) {
    indexing(index);
    // A job that is given up leaves its upload there, whatever message it was run for.
    send(index, stores.uploads().deadLetters());
    index.allow(List.of("s3:GetObject"), keys("bundles/*"));
    // .metadata/site/: the site's journal, in which it counts what it did.
    index.allow(List.of("s3:PutObject"), keys("objects/*"), keys(".metadata/site/*"));
    index.allow(RECEIVE, stores.uploads().queue().getQueueArn());
    acceptKeys(index, "bundles/*", "git/*", "objects/*", ".metadata/site/*");
  }

  private void api(SheafFunction api) {
    indexing(api);
    api.allow(
        List.of("s3:GetObject"),
        keys("bundles/*"),
        keys("incoming/*"),
        keys("merged/*"),
        keys("objects/*"),
        keys("packs/*"),
        keys("site/public-repos"),
        keys(".metadata/*"));
    // bundles/, incoming/: it signs uploads in its own name. objects/: a small push is readable at
    // once.
    // rollup.json: a journal without one gets an empty one from whoever reads it first.
    api.allow(
        List.of("s3:PutObject"),
        keys("bundles/*"),
        keys("incoming/*"),
        keys("objects/*"),
        keys("packs/*"),
        keys("site/public-repos"),
        keys(".metadata/site/rollup.json"));
    api.allow(List.of("s3:DeleteObject"), keys("incoming/*"));
    // What it changes that no bundle tells of, for whoever has the bucket alone.
    api.allow(List.of("s3:GetObject", "s3:PutObject"), keys("repos/*"));
    read(api, stores.tokens().getSecretArn());
    // Whoever asks the api does not wait for the schedule.
    stores.follows().ifPresent(follows -> send(api, follows.queue()));
    acceptKeys(
        api,
        "bundles/*",
        "git/*",
        "incoming/*",
        "merged/*",
        "objects/*",
        "packs/*",
        "repos/*",
        ".metadata/*");
  }

  private void compaction(SheafFunction compaction) {
    list(compaction);
    // Packs go that a fold has replaced or that are nobody's, after their time.
    compaction.allow(
        List.of("s3:DeleteObject", "s3:GetObject", "s3:PutObject"),
        keys(".metadata/*"),
        keys("git/*"));
    // An upload of git goes when a pack stands for it; all of a deleted repository, after its time.
    compaction.allow(
        List.of("s3:DeleteObject"), keys("bundles/*"), keys("incoming/*"), keys("repos/*"));
    compaction.allow(List.of("s3:GetObject"), keys("bundles/*"), keys("repos/*"));
    // An object that no repository names goes, if it still is what the catalog has noted.
    compaction.allow(List.of("s3:DeleteObject", "s3:GetObject"), keys("objects/*"));
    // Of many small bundles it makes a few.
    compaction.allow(List.of("s3:DeleteObject", "s3:GetObject", "s3:PutObject"), keys("merged/*"));
    acceptKeys(
        compaction,
        ".metadata/*",
        "bundles/*",
        "git/*",
        "incoming/*",
        "merged/*",
        "objects/*",
        "repos/*");
  }

  private void peerSync(PeerSync peers) {
    SheafFunction function = peers.function();
    // What is here already is not copied again.
    list(function);
    // Packs are proven against those that are here.
    function.allow(List.of("s3:GetObject", "s3:PutObject"), keys("bundles/*"), keys("git/*"));
    // Parts of what it could not copy in one tick.
    function.allow(List.of("s3:DeleteObject", "s3:GetObject", "s3:PutObject"), keys("copies/*"));
    // What a peer makes public, anybody may read here, too.
    function.allow(List.of("s3:GetObject", "s3:PutObject"), keys("site/public-repos"));
    read(function, peers.tokens().getSecretArn());
    stores.follows().ifPresent(follows -> function.allow(RECEIVE, follows.queue().getQueueArn()));
    acceptKeys(function, "bundles/*", "copies/*", "git/*");
  }

  /** Of what others store this deletes what it has read and found false, and what peers keep. */
  private void repair(SheafFunction repair) {
    list(repair);
    repair.allow(
        List.of("s3:DeleteObject", "s3:GetObject"),
        keys("bundles/*"),
        keys("git/*"),
        keys("packs/*"),
        keys("objects/*"));
    repair.allow(List.of("s3:PutObject"), keys("bundles/*"), keys("git/*"), keys("objects/*"));
    // What is damaged may be the last that there is of it, and much of it may still come back.
    repair.allow(List.of("s3:GetObject", "s3:PutObject"), keys("damaged/*"));
    // What only the catalog knows of a repository, for whoever has the bucket alone.
    repair.allow(List.of("s3:GetObject", "s3:PutObject"), keys("repos/*"));
    // What the site itself has lost its peers may have.
    functions.peerSync().ifPresent(peers -> read(repair, peers.tokens().getSecretArn()));
    // Whether a merged bundle that the listing lacks is gone.
    repair.allow(List.of("s3:GetObject"), keys("merged/*"));
    repair.allow(List.of("s3:GetObject"), keys(".metadata/*"));
    if (site.repairFromInventory()) {
      repair.allow(List.of("s3:GetObject"), keys("inventory/*"));
      acceptKeys(repair, "inventory/*");
    }
    // A journal without one gets an empty one from whoever reads it first.
    repair.allow(
        List.of("s3:PutObject"),
        keys(".metadata/site/rollup.json"),
        keys(".metadata/present-*/rollup.json"));
    repair.allow(RECEIVE_AND_SEND, stores.repairs().queue().getQueueArn());
    acceptKeys(
        repair,
        "bundles/*",
        "damaged/*",
        "git/*",
        "merged/*",
        "packs/*",
        "objects/*",
        "repos/*",
        ".metadata/*",
        ".metadata/present-*/rollup.json");
  }

  /** Without it S3 answers 403, not 404, for a key that is not there. */
  private void list(SheafFunction function) {
    function.allow(List.of("s3:ListBucket"), stores.bucket().getBucketArn());
  }

  private static void send(SheafFunction function, Queue queue) {
    function.allow(List.of("sqs:SendMessage"), queue.getQueueArn());
  }

  private static void read(SheafFunction function, String secretArn) {
    function.allow(List.of("secretsmanager:GetSecretValue"), secretArn);
  }

  private static void acceptKeys(SheafFunction function, String... patterns) {
    Findings.acceptKeys(function.policy(), List.of(patterns));
  }

  private String keys(String pattern) {
    return stores.bucket().arnForObjects(pattern);
  }
}
