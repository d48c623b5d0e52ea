package dev.sheaf.repair;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.repair.presence.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How far a cycle is, and what it has counted; belongs to one runner. */
public final class RepairTracker {
  /** Every fourth cycle cleans up. */
  static final int CYCLES = 4;

  /** What an unset time looks like to the log's readers. */
  private static final String UNSET = "0001-01-01T00:00:00Z";

  private final Instant startedAt;
  private final int cursorI;
  private final Counters counters;
  private final Map<Kind, String> cursors = new EnumMap<>(Kind.class);
  private Instant updatedAt;
  private @Nullable Instant finishedAt;
  private long contentSize;
  private Duration duration = Duration.ZERO;
  private String abortedReason = "";
  private @Nullable String listingRefused;
  private Listing listing = Listing.NONE;

  /**
   * What a cycle knows of the bucket.
   *
   * @param at when its first request was made, or its report; null before the first
   * @param by whom it knows it
   * @param keys that have been seen so far
   */
  record Listing(@Nullable Instant at, By by, long keys) {
    static final Listing NONE = new Listing(null, By.NOBODY, 0);

    /** By what a bucket can be known. */
    enum By {
      NOBODY(""),
      LIST("list"),
      INVENTORY("inventory"),
      /** Key by key, since the listing was not believed. */
      HEAD("head");

      private final String label;

      By(String label) {
        this.label = label;
      }

      String label() {
        return label;
      }

      static By of(String label) {
        return Arrays.stream(values())
            .filter(by -> by.label.equals(label))
            .findFirst()
            .orElse(NOBODY);
      }
    }
  }

  RepairTracker(Instant startedAt, int cursorI, Counters counters) {
    this.startedAt = startedAt;
    this.updatedAt = startedAt;
    this.cursorI = cursorI;
    this.counters = counters;
  }

  /** The first ever is a cleanup. */
  static RepairTracker first(Instant now) {
    return new RepairTracker(now.truncatedTo(ChronoUnit.MICROS), 1, new Counters());
  }

  /** The one after this. */
  RepairTracker next(Instant now) {
    return new RepairTracker(after(now), cursorI % CYCLES + 1, new Counters());
  }

  /** Another one of the same kind. */
  RepairTracker again(Instant now) {
    return new RepairTracker(after(now), cursorI, new Counters());
  }

  /** A clock that went back must not give two cycles one name. */
  private Instant after(Instant now) {
    Instant micros = now.truncatedTo(ChronoUnit.MICROS); // as the catalog keeps it
    return micros.isAfter(startedAt) ? micros : startedAt.plusMillis(1);
  }

  public Instant startedAt() {
    return startedAt;
  }

  public int cursorI() {
    return cursorI;
  }

  /** Whether what is there is looked at closely as well. */
  public boolean isCleanup() {
    return cursorI == 1;
  }

  public Counters counters() {
    return counters;
  }

  /** Empty while it is under way, or to be resumed. */
  public Optional<Instant> finishedAt() {
    return Optional.ofNullable(finishedAt);
  }

  /** Empty when it went to its end. */
  public String abortedReason() {
    return abortedReason;
  }

  /** Why the last listing was not believed; empty when it was. */
  public Optional<String> listingRefused() {
    return Optional.ofNullable(listingRefused);
  }

  /** Bytes of all that was found. */
  public long contentSize() {
    return contentSize;
  }

  public Duration duration() {
    return duration;
  }

  public Instant updatedAt() {
    return updatedAt;
  }

  /** The last of a kind that has been seen to; empty at the beginning. */
  String cursor(Kind kind) {
    return cursors.getOrDefault(kind, "");
  }

  void cursor(Kind kind, String cursor) {
    cursors.put(kind, cursor);
  }

  void addContent(long bytes) {
    contentSize += bytes;
  }

  void spent(Duration more) {
    duration = duration.plus(more);
  }

  void updated(Instant now) {
    updatedAt = now;
  }

  void finished(Instant now) {
    finishedAt = now;
    updatedAt = now;
  }

  void aborted(String reason) {
    abortedReason = reason;
  }

  void listingRefused(@Nullable String reason) {
    listingRefused = reason;
  }

  /** The last listing. */
  Listing listing() {
    return listing;
  }

  void listing(Listing current) {
    listing = current;
  }

  /** For a row that is read. */
  RepairTracker restored(
      Instant updated,
      @Nullable Instant finished,
      long content,
      Duration spent,
      String aborted,
      @Nullable String refused,
      Listing listed) {
    updatedAt = updated;
    finishedAt = finished;
    contentSize = content;
    duration = spent;
    abortedReason = aborted;
    listingRefused = refused;
    listing = listed;
    return this;
  }

  /** The record as the repair log shows it. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("StartedAt", startedAt.toString());
    json.put("UpdatedAt", updatedAt.toString());
    json.put("FinishedAt", finishedAt().map(Instant::toString).orElse(UNSET));
    json.put("CleanupMode", isCleanup());
    json.put("CursorI", cursorI);
    json.put("CursorBundleID", cursor(Kind.BUNDLE));
    json.put("CursorPackID", cursor(Kind.PACK));
    json.put("CursorGitPack", cursor(Kind.GIT));
    json.put("CursorObjectSha", cursor(Kind.OBJECT));
    json.set("Counters", counters.toJson());
    json.put("ContentSize", contentSize);
    json.put("Duration", duration.toNanos());
    json.put("AbortedReason", abortedReason);
    json.put("ListingRefused", listingRefused().orElse(""));
    Instant listedAt = listing.at();
    json.put("ListedAt", listedAt == null ? UNSET : listedAt.toString());
    json.put("ListedBy", listing.by().label());
    json.put("ListedKeys", listing.keys());
    return json;
  }
}
