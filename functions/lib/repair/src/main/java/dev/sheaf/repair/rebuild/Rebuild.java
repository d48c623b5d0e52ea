package dev.sheaf.repair.rebuild;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.RepoPath;
import dev.sheaf.repair.rebuild.Documents.Document;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.KnownBucket;
import dev.sheaf.repository.Purges;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.inventory.RebuildRows;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.repository.job.WakeUp;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.StoredObject;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.queue.JobQueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Makes the catalog anew out of the bucket. Done again at any time, it goes on from where it
 * stands: what the catalog knows is left as it is.
 *
 * <ol>
 *   <li>A repository comes back from its record, or, if it was never written down, from what lies
 *       under its name; private then.
 *   <li>A git repository's packs, refs and HEAD come from its manifest. Uploads that are older than
 *       that have been decided upon; younger ones are taken in like those that nobody announces.
 *   <li>A muse repository's bundles are taken in by jobs, in the order in which they came the first
 *       time. When all that the record names have been, branches go where the record says, and only
 *       then come bundles that are younger than it.
 * </ol>
 */
public final class Rebuild {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BUNDLE_TYPE = "application/octet-stream";

  private final Ports ports;
  private final Consumer<Step> sink;
  private final RebuildRows rows;
  private final boolean isDry;

  /**
   * What a rebuild stands on.
   *
   * @param self this site's URL; empty where there are no others
   * @param peers brings a bundle, proven, from a site that keeps it, in a file that the caller
   *     deletes; empty when none does
   * @param queue where workers are told of jobs; asked for when needed
   * @param ids names repositories that were never written down, and jobs
   */
  public record Ports(
      Catalog catalog,
      ObjectStore store,
      Optional<String> self,
      Function<ContentId, Optional<FileContent>> peers,
      Supplier<JobQueue> queue,
      InstantSource clock,
      Supplier<String> ids) {}

  /**
   * Something that is done, or missing, and why.
   *
   * @param place a repository as {@code owner/name}
   */
  public record Step(Action action, String place, String reason) {
    /** What there is to do. */
    public enum Action {
      /** Make the repository's row. */
      REPOSITORY,
      /** Write a git repository's refs and packs. */
      REFS,
      /** Let a bundle be taken in. */
      BUNDLE,
      /** Put branches where they were. */
      BRANCHES,
      /** Something is named and is not in the bucket; nothing can be done here. */
      MISSING
    }

    /** As a line of a plan. */
    @Override
    public String toString() {
      return "%-10s %s: %s".formatted(action.name().toLowerCase(Locale.ROOT), place, reason);
    }
  }

  /**
   * How far it is.
   *
   * @param waiting bundles that jobs are still to take in: run it again when they have
   * @param missing things that are named and not in the bucket
   */
  public record Progress(int repositories, long steps, long waiting, long missing) {}

  private long steps;
  private long waiting;
  private long missing;

  /**
   * @param isDry whether to say only what there is to do
   * @param sink takes each step
   */
  public Rebuild(Ports ports, boolean isDry, Consumer<Step> sink) {
    this.ports = ports;
    this.isDry = isDry;
    this.sink = sink;
    this.rows = new RebuildRows(ports.catalog());
  }

  /** Does what can be done now. */
  public Progress run() {
    Holdings holdings = Holdings.list(ports.store());
    for (String place : holdings.places()) {
      new OfRepository(place, holdings).run();
    }
    if (!isDry) {
      KnownBucket.isRead(ports.catalog());
    }
    return new Progress(holdings.places().size(), steps, waiting, missing);
  }

  private void step(Step.Action action, String place, String reason, Runnable work) {
    sink.accept(new Step(action, place, reason));
    steps++;
    if (!isDry) {
      work.run();
    }
  }

  /** One repository. */
  private final class OfRepository {
    private final String place;
    private final String owner;
    private final String name;
    private final Holdings holdings;
    private final Map<ContentId, StoredObject> uploads;
    private Optional<Document> record = Optional.empty();
    private Optional<Document> manifest = Optional.empty();

    OfRepository(String place, Holdings holdings) {
      this.place = place;
      this.owner = place.substring(0, place.indexOf('/'));
      this.name = place.substring(place.indexOf('/') + 1);
      this.holdings = holdings;
      this.uploads = new LinkedHashMap<>(holdings.uploads(place));
    }

    void run() {
      if (holdings.keys().contains(ObjectKeys.record(owner, name))) {
        record = Documents.read(ports.store(), ObjectKeys.record(owner, name));
      }
      String key = GitKeys.manifest(new RepoPath(owner, name));
      if (holdings.keys().contains(key)) {
        manifest = Documents.read(ports.store(), key);
      }
      Optional<Repo> repo = new Repos(ports.catalog()).findEvenDeleted(owner, name);
      if (repo.isPresent() && isAnother(repo.get().repoId())) {
        String another = repo.get().repoId();
        step(
            Step.Action.REPOSITORY,
            place,
            "not that which was made while the catalog was gone; its bundles are taken in again",
            () -> Purges.forget(ports.catalog(), another));
        repo = Optional.empty();
      }
      if (repo.isEmpty()) {
        ObjectNode row = row();
        step(
            Step.Action.REPOSITORY,
            place,
            record.isPresent() ? "as its record says" : "it was never written down: private",
            () -> rows.repository(row, record.isPresent() && manifest.isEmpty()));
        repo = new Repos(ports.catalog()).findEvenDeleted(owner, name);
      }
      if (repo.isEmpty()) { // a dry run
        missingOnes();
        enqueue("", named(), "in its order");
        enqueue("", younger(), "younger than what was written down");
        return;
      }
      takeUp();
      restore(repo.get());
    }

    /** Peers may have told of it meanwhile, of its branches they know nothing. */
    private void takeUp() {
      boolean hasBranches =
          record.filter(document -> !document.json().path("branches").isEmpty()).isPresent();
      if (!isDry && hasBranches && manifest.isEmpty() && rows.takeUp(row())) {
        step(
            Step.Action.REPOSITORY,
            place,
            "peers told of it; the rest as its record says",
            () -> {});
      }
    }

    /** Whoever pushed to a name that nobody knew any more began a repository of his own. */
    private boolean isAnother(String repoId) {
      Optional<String> written =
          manifest.or(() -> record).map(document -> document.json().path("repo_id").asText());
      return written.isPresent()
          && !written.get().equals(repoId)
          && new Repos(ports.catalog()).byIdEvenDeleted(written.get()).isEmpty();
    }

    private ObjectNode row() {
      ObjectNode row = JSON.createObjectNode();
      manifest.ifPresent(document ->
          row.put("repo_id", document.json().path("repo_id").asText()).put("kind", "git"));
      if (!row.has("repo_id")) {
        row.put("repo_id", ports.ids().get());
      }
      row.put("owner", owner).put("name", name);
      row.put("created_at", ports.clock().instant().toString());
      record.ifPresent(document -> row.setAll((ObjectNode) document.json()));
      // Whoever makes a repository private takes it off the list: a record may be an hour old.
      row.put("public", row.path("public").asBoolean() && holdings.mayBePublic(place));
      return row;
    }

    private void restore(Repo repo) {
      if (manifest.isPresent()) {
        Document document = manifest.get();
        if (GitState.of(ports.catalog(), repo.repoId()).sequence()
            < document.json().path("sequence").asLong()) {
          missingOnes();
          step(
              Step.Action.REFS,
              place,
              "%d refs and %d packs at change %d"
                  .formatted(
                      document.json().path("refs").size(),
                      document.json().path("packs").size(),
                      document.json().path("sequence").asLong()),
              () -> rows.git(repo.repoId(), document.json(), document.etag()));
        }
      }
      Map<ContentId, Boolean> known = rows.bundles(repo.repoId());
      if (!isDry && record.isPresent() && rows.isUnderWay(repo.repoId())) {
        bringMissing(repo.repoId(), known.keySet());
      }
      List<ContentId> named = named();
      List<ContentId> younger = younger();
      enqueue(repo.repoId(), without(named, known), "in its order");
      long open = open(named, known);
      if (open == 0 && record.isPresent() && rows.isUnderWay(repo.repoId())) {
        JsonNode document = record.orElseThrow().json();
        missingOnes();
        step(
            Step.Action.BRANCHES,
            place,
            document.path("branches").size() + " branches as its record says",
            () -> rows.branches(repo.repoId(), document));
      }
      if (open == 0) {
        enqueue(repo.repoId(), without(younger, known), "younger than what was written down");
        open = open(younger, known);
      }
      waiting += open;
      if (open > 0 && !isDry) { // also where whoever added the jobs did not live to tell of them
        ports.queue().get().send(WakeUp.of(repo.repoId()).body());
      }
    }

    private static long open(List<ContentId> bundles, Map<ContentId, Boolean> known) {
      return bundles.stream().filter(bundle -> !known.getOrDefault(bundle, false)).count();
    }

    private static List<ContentId> without(List<ContentId> bundles, Map<ContentId, Boolean> known) {
      return bundles.stream().filter(bundle -> !known.containsKey(bundle)).toList();
    }

    /** The bundles that the record names and that are there, in its order. */
    private List<ContentId> named() {
      List<ContentId> named = new ArrayList<>();
      record.ifPresent(document ->
          document
              .json()
              .path("bundles")
              .forEach(entry -> named.add(ContentId.parse(entry.path("bundle").asText()))));
      named.removeIf(bundle -> !uploads.containsKey(bundle));
      return named;
    }

    /** All others, in the order in which they were uploaded. */
    private List<ContentId> younger() {
      Set<ContentId> named = new HashSet<>(named());
      Instant decided = manifest.map(Document::writtenAt).orElse(Instant.MIN);
      return uploads.entrySet().stream()
          .filter(upload -> !named.contains(upload.getKey()))
          .filter(upload -> upload.getValue().lastModified().isAfter(decided))
          .sorted(
              Comparator.comparing((Map.Entry<ContentId, StoredObject> upload) ->
                      upload.getValue().lastModified())
                  .thenComparing(Map.Entry::getKey))
          .map(Map.Entry::getKey)
          .toList();
    }

    /** Not every site keeps every bundle. */
    private void bringMissing(String repoId, Set<ContentId> known) {
      for (ContentId bundle : missingBundles()) {
        if (!known.contains(bundle)) {
          ports.peers().apply(bundle).ifPresent(content -> put(repoId, bundle, content));
        }
      }
    }

    private void put(String repoId, ContentId bundle, FileContent content) {
      String key = ObjectKeys.bundle(owner, name, bundle);
      try {
        noteCopy(repoId, bundle, content.size()); // before the store tells of it
        ports.store().put(key, content, bundle, ObjectStore.Condition.IF_ABSENT, BUNDLE_TYPE);
        ports.store().head(key).ifPresent(upload -> uploads.put(bundle, upload));
      } finally {
        delete(content);
      }
    }

    private static void delete(FileContent content) {
      try {
        Files.deleteIfExists(content.path());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** What was pushed to another site moves branches there. */
    private void noteCopy(String repoId, ContentId bundle, long size) {
      String home = record.map(document -> document.json().path("home").asText("")).orElse("");
      if (!home.isEmpty() && ports.self().filter(self -> !self.equals(home)).isPresent()) {
        rows.copied(repoId, bundle, size);
      }
    }

    private List<ContentId> missingBundles() {
      List<ContentId> missing = new ArrayList<>();
      record.ifPresent(document ->
          document
              .json()
              .path("bundles")
              .forEach(entry -> missing.add(ContentId.parse(entry.path("bundle").asText()))));
      missing.removeIf(uploads::containsKey);
      return missing;
    }

    private void missingOnes() {
      missingBundles().forEach(bundle -> missing(ObjectKeys.bundle(owner, name, bundle)));
      manifest.ifPresent(document ->
          document
              .json()
              .path("packs")
              .forEach(pack -> {
                String key =
                    GitKeys.key(
                        new RepoPath(owner, name),
                        ContentId.parse(pack.path("pack").asText()),
                        GitKeys.Part.PACK);
                if (!holdings.keys().contains(key)) {
                  missing(key);
                }
              }));
    }

    private void missing(String key) {
      missing++;
      sink.accept(new Step(Step.Action.MISSING, place, key + " is named and not in the bucket"));
    }

    private void enqueue(String repoId, List<ContentId> bundles, String why) {
      for (ContentId bundle : bundles) {
        step(Step.Action.BUNDLE, place, bundle.hex() + ", " + why, () -> enqueue(repoId, bundle));
      }
    }

    private void enqueue(String repoId, ContentId bundle) {
      StoredObject upload = Optional.ofNullable(uploads.get(bundle)).orElseThrow();
      noteCopy(repoId, bundle, upload.size());
      new Jobs(ports.catalog(), ports.clock(), ports.ids())
          .uploaded(
              repoId,
              new Jobs.Upload(bundle, upload.size(), "rebuild"),
              () -> Optional.of(upload.lastModified()));
    }
  }
}
