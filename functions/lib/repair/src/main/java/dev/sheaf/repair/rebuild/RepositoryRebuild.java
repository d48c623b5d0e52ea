package dev.sheaf.repair.rebuild;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.RepoPath;
import dev.sheaf.repair.rebuild.Documents.Document;
import dev.sheaf.repair.rebuild.Rebuild.Step;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.LostHomes;
import dev.sheaf.repository.Purges;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.inventory.GitRebuildRows;
import dev.sheaf.repository.inventory.RebuildRows;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.repository.job.WakeUp;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.StoredObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes one repository's rows anew, as far as that can be done now. */
final class RepositoryRebuild {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BUNDLE_TYPE = "application/octet-stream";

  private final Rebuild.Ports ports;
  private final RebuildRows rows;
  private final RebuildPlan plan;
  private final String place;
  private final String owner;
  private final String name;
  private final Holdings holdings;
  private final Map<ContentId, StoredObject> uploads;
  private Optional<Document> record = Optional.empty();
  private Optional<Document> manifest = Optional.empty();

  /**
   * @param place {@code owner/name}, as its keys have it
   * @param holdings what the bucket holds
   * @param plan takes what is done
   */
  RepositoryRebuild(Rebuild.Ports ports, String place, Holdings holdings, RebuildPlan plan) {
    this.ports = ports;
    this.rows = new RebuildRows(ports.catalog(), ports.own(), ports.clock());
    this.plan = plan;
    this.place = place;
    this.owner = place.substring(0, place.indexOf('/'));
    this.name = place.substring(place.indexOf('/') + 1);
    this.holdings = holdings;
    this.uploads = new LinkedHashMap<>(holdings.uploads(place));
  }

  void run() {
    record = read(ObjectKeys.record(owner, name));
    manifest = read(GitKeys.manifest(new RepoPath(owner, name)));
    Optional<Repo> repo = new Repos(ports.catalog()).findEvenDeleted(owner, name);
    if (repo.isPresent() && isAnother(repo.get().repoId())) {
      String another = repo.get().repoId();
      step(
          Step.Action.REPOSITORY,
          "not that which was made while the catalog was gone; its bundles are taken in again",
          () -> Purges.forget(ports.catalog(), another));
      repo = Optional.empty();
    }
    if (repo.isEmpty()) {
      ObjectNode row = row();
      step(
          Step.Action.REPOSITORY,
          record.isPresent() ? "as its record says" : "it was never written down: private",
          () -> rows.repository(row, record.isPresent() && manifest.isEmpty()));
      repo =
          plan.isDry() ? Optional.empty() : new Repos(ports.catalog()).findEvenDeleted(owner, name);
    }
    if (repo.isEmpty()) { // a dry run
      missingOnes();
      enqueue("", named(), "in its order");
      enqueue("", younger(), "younger than what was written down");
      return;
    }
    takeUp();
    restore(repo.get());
    if (!plan.isDry()) {
      LostHomes.remove(ports.catalog(), repo.get().repoId());
    }
  }

  private Optional<Document> read(String key) {
    if (!holdings.keys().contains(key)) {
      return Optional.empty();
    }
    Optional<Document> document = Documents.read(ports.store(), key);
    if (document.filter(there -> !there.isSound()).isPresent()) {
      plan.missing(
          new Step(
              Step.Action.MISSING,
              place,
              key + " is damaged: the rest is brought back without it"));
      return Optional.empty();
    }
    return document;
  }

  /**
   * Peers may have told of it meanwhile, of its branches, and of the last changes, they know
   * nothing.
   */
  private void takeUp() {
    if (!plan.isDry() && rows.takeBack(row())) {
      step(Step.Action.REPOSITORY, "its home is here, and knows more than peers told", () -> {});
    }
    boolean hasBranches =
        record.filter(document -> !document.json().path("branches").isEmpty()).isPresent();
    if (!plan.isDry() && hasBranches && manifest.isEmpty() && rows.takeUp(row())) {
      step(Step.Action.REPOSITORY, "peers told of it; the rest as its record says", () -> {});
    }
  }

  /** Whoever pushed to a name that nobody knew any more began a repository of his own. */
  private boolean isAnother(String repoId) {
    Optional<String> written =
        manifest
            .or(() -> record)
            .map(document -> document.json().path("repo_id").asText())
            .filter(id -> !id.isEmpty());
    return written.isPresent()
        && !written.get().equals(repoId)
        && new Repos(ports.catalog()).byIdEvenDeleted(written.get()).isEmpty();
  }

  private ObjectNode row() {
    ObjectNode row = JSON.createObjectNode();
    manifest.ifPresent(document -> {
      row.put("repo_id", document.json().path("repo_id").asText()).put("kind", "git");
      row.set("home", document.json().path("home"));
      row.set("epoch", document.json().path("home_epoch"));
      row.set("as_of", document.json().path("as_of"));
    });
    if (!row.has("repo_id")) {
      row.put("repo_id", ports.ids().get());
    }
    row.put("owner", owner).put("name", name);
    row.put("created_at", ports.clock().instant().toString());
    record.ifPresent(document -> row.setAll((ObjectNode) document.json()));
    if (!isHere(row)) {
      row.remove("as_of");
    }
    // Whoever makes a repository private takes it off the list: a record may be an hour old.
    row.put("public", row.path("public").asBoolean() && holdings.mayBePublic(place));
    return row;
  }

  /** Whether what peers tell of a repository was written here first. */
  private boolean isHere(JsonNode document) {
    String home = document.path("home").asText("");
    return !home.isEmpty() && ports.log().self() != null && home.equals(ports.log().self());
  }

  /** Where the home is elsewhere, what it tells is newer than what was written down here. */
  private JsonNode refsAsOf(JsonNode document) {
    if (isHere(document)) {
      return document;
    }
    ObjectNode undated = document.deepCopy();
    undated.remove("as_of");
    return undated;
  }

  private void restore(Repo repo) {
    if (manifest.isPresent()) {
      Document document = manifest.get();
      GitState state = GitState.of(ports.catalog(), repo.repoId());
      if (state.isLost() || state.sequence() < document.json().path("sequence").asLong()) {
        missingOnes();
        step(
            Step.Action.REFS,
            "%d refs and %d packs at change %d"
                .formatted(
                    document.json().path("refs").size(),
                    document.json().path("packs").size(),
                    document.json().path("sequence").asLong()),
            () ->
                new GitRebuildRows(ports.catalog(), ports.own())
                    .write(repo.repoId(), refsAsOf(document.json()), document.etag()));
      }
    }
    Map<ContentId, Boolean> known = rows.bundles(repo.repoId());
    if (!plan.isDry() && record.isPresent() && rows.isUnderWay(repo.repoId())) {
      long unanswered = bringMissing(repo.repoId(), known.keySet());
      if (unanswered > 0) { // branches may need what these bring
        plan.waiting(unanswered);
        return;
      }
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
          document.path("branches").size() + " branches as its record says",
          () -> rows.branches(repo.repoId(), document));
    }
    if (open == 0) {
      enqueue(repo.repoId(), without(younger, known), "younger than what was written down");
      open = open(younger, known);
    }
    plan.waiting(open);
    if (open > 0
        && !plan.isDry()) { // also where whoever added the jobs did not live to tell of them
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
            Comparator.comparing(
                    (Map.Entry<ContentId, StoredObject> upload) -> upload.getValue().lastModified())
                .thenComparing(Map.Entry::getKey))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Not every site keeps every bundle.
   *
   * @return of how many no peer that may have them has answered: they are asked for again next time
   */
  private long bringMissing(String repoId, Set<ContentId> known) {
    long unanswered = 0;
    for (ContentId bundle : missingBundles()) {
      if (!known.contains(bundle)) {
        try {
          ports.peers().apply(bundle).ifPresent(content -> put(repoId, bundle, content));
        } catch (SheafException e) {
          if (e.kind() != ErrorKind.UNAVAILABLE) {
            throw e;
          }
          plan.missing(new Step(Step.Action.MISSING, place, bundle.hex() + ": " + e.getMessage()));
          unanswered++;
        }
      }
    }
    return unanswered;
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
    String self = ports.log().self();
    if (!home.isEmpty() && self != null && !self.equals(home)) {
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
    plan.missing(new Step(Step.Action.MISSING, place, key + " is named and not in the bucket"));
  }

  private void step(Step.Action action, String reason, Runnable work) {
    plan.step(new Step(action, place, reason), work);
  }

  private void enqueue(String repoId, List<ContentId> bundles, String why) {
    for (ContentId bundle : bundles) {
      step(Step.Action.BUNDLE, bundle.hex() + ", " + why, () -> enqueue(repoId, bundle));
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
