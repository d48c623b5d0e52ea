package dev.sheaf.bundle;

import static java.util.Objects.requireNonNull;

import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A random history: forks and merges, snapshots as deltas and whole, names that are hard to sort,
 * objects of many sizes that resemble one another, keys that nobody knows.
 *
 * @param manifests what each snapshot must resolve to
 * @param objects content by id
 */
public record Samples(
    History history, Map<String, Manifest> manifests, Map<ContentId, byte[]> objects) {

  private static final String[] NAMES = {
    "a", "b.txt", "ü", "u\u0308", "z\uFFFD", "\uE000", "\uD83D\uDE00", "with space", "Ω", "-", "a-b"
  };

  public static Samples random(RandomGenerator random, IdDialect dialect) {
    return random(random, dialect, 1 + random.nextInt(40));
  }

  public static Samples random(RandomGenerator random, IdDialect dialect, int commits) {
    return new Generator(random, dialect).history(commits);
  }

  /** Makes one history. */
  private static final class Generator {
    private final RandomGenerator random;
    private final IdDialect dialect;
    private final List<Commit> commits = new ArrayList<>();
    private final Map<String, Snapshot> snapshots = new LinkedHashMap<>();
    private final Map<String, Manifest> manifests = new HashMap<>();
    private final Map<ContentId, byte[]> objects = new LinkedHashMap<>();

    Generator(RandomGenerator random, IdDialect dialect) {
      this.random = random;
      this.dialect = dialect;
    }

    Samples history(int length) {
      for (int i = 0; i < length; i++) {
        commit(i);
      }
      Map<String, String> heads = Map.of("main", commits.getLast().commitId());
      PackedMap meta =
          random.nextBoolean() ? PackedMap.of(Map.of("made_by", "a test")) : PackedMap.EMPTY;
      History history =
          new History(commits, List.copyOf(snapshots.values()), heads, List.of(), meta);
      return new Samples(history, manifests, objects);
    }

    private void commit(int i) {
      List<String> parents = parents(i);
      String base = parents.isEmpty() ? null : snapshotOf(parents.getFirst());
      String snapshot = snapshot(base);
      String message = "commit " + i + " " + NAMES[random.nextInt(NAMES.length)];
      String at = "2026-01-01T00:00:%02d+02:00".formatted(i % 60);
      String id = Ids.commit(parents, snapshot, message, at, dialect);
      PackedMap meta =
          PackedMap.of(Map.of("metadata", Map.of(), "nobody_knows", List.of(1L, -1L, 2.5, true)));
      commits.add(new Commit(id, snapshot, message, at, parents, "", "main", meta));
    }

    private List<String> parents(int i) {
      int count = i == 0 ? 0 : Math.min(i, random.nextInt(10) == 0 ? 3 : 1 + random.nextInt(2));
      List<String> parents = new ArrayList<>();
      for (int p = 0; p < count; p++) {
        String parent = commits.get(Math.max(0, i - 1 - random.nextInt(3))).commitId();
        if (!parents.contains(parent)) {
          parents.add(parent);
        }
      }
      return parents;
    }

    private String snapshotOf(String commit) {
      return commits.stream()
          .filter(c -> c.commitId().equals(commit))
          .map(Commit::snapshotId)
          .findFirst()
          .orElseThrow();
    }

    private String snapshot(@Nullable String base) {
      Manifest before = base == null ? Manifest.EMPTY : requireNonNull(manifests.get(base));
      Manifest after = changed(before);
      String id = Ids.snapshot(after, dialect);
      manifests.put(id, after);
      boolean whole = base == null || random.nextInt(5) == 0;
      Snapshot made = whole ? Snapshot.full(id, after) : Snapshot.delta(id, base, before, after);
      snapshots.putIfAbsent(
          id, made.withExtra(PackedMap.of(Map.of("created_at", "2026", "directories", List.of()))));
      return id;
    }

    private Manifest changed(Manifest before) {
      Map<String, ContentId> files = new TreeMap<>(before.objects());
      for (int i = random.nextInt(6); i >= 0; i--) {
        String path =
            NAMES[random.nextInt(NAMES.length)] + "/" + NAMES[random.nextInt(NAMES.length)];
        files.remove(path);
        if (random.nextInt(6) > 0) {
          files.put(path, object());
        }
      }
      return new Manifest(files);
    }

    private ContentId object() {
      byte[] content = content();
      ContentId id = Ids.object(content);
      objects.put(id, content);
      return id;
    }

    /** Empty, random, repetitive, or a former object with a change in it. */
    private byte[] content() {
      int kind = random.nextInt(8);
      if (kind == 0) {
        return new byte[0];
      }
      if (kind < 4 && !objects.isEmpty()) {
        byte[] edited = List.copyOf(objects.values()).get(random.nextInt(objects.size())).clone();
        if (edited.length > 0) {
          edited[random.nextInt(edited.length)]++;
        }
        return edited;
      }
      byte[] bytes = new byte[1 + random.nextInt(kind == 7 ? 200_000 : 3_000)];
      if (kind == 4) {
        random.nextBytes(bytes);
      } else {
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) ('a' + (i * 7 / (1 + i % 13)) % 26);
        }
      }
      return bytes;
    }
  }
}
