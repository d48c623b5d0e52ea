package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repair.peer.BlobPeer;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.WantedPacks;
import dev.sheaf.testing.InMemoryObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nine sites of one mind, five of which are to have each bundle; all begin with one copy. */
class ReplicationTest extends SiteTest {
  private static final int SITES = 9;
  private static final int COPIES = 5;

  private final List<InMemoryObjectStore> buckets = new ArrayList<>();

  @BeforeEach
  void emptyBuckets() {
    buckets.add(bucket);
    IntStream.range(1, SITES).forEach(_ -> buckets.add(new InMemoryObjectStore(clock)));
  }

  private static String site(int number) {
    return "https://site" + number + ".example";
  }

  private Peers seenFrom(int self) {
    List<BlobPeer> others =
        IntStream.range(0, SITES)
            .filter(other -> other != self)
            .<BlobPeer>mapToObj(SitePeer::new)
            .toList();
    return new Peers(Optional.of(site(self)), others, COPIES);
  }

  /** Another site, as far as its bucket goes. */
  private final class SitePeer implements BlobPeer {
    private final int number;

    SitePeer(int number) {
      this.number = number;
    }

    private Optional<byte[]> bytes(ContentId id) {
      return buckets.get(number).keys().stream()
          .filter(key -> key.endsWith(id.hex()))
          .map(buckets.get(number)::bytes)
          .findFirst();
    }

    @Override
    public String site() {
      return ReplicationTest.site(number);
    }

    @Override
    public Holding holds(ContentId id) {
      boolean keeps = seenFrom(number).isMine(Kind.BUNDLE, id);
      return bytes(id)
          .<Holding>map(bytes -> new Holding.Has("bundle", bytes.length, keeps))
          .orElseGet(Holding.HasNot::new);
    }

    @Override
    public Answer fetch(ContentId id) {
      return bytes(id)
          .<Answer>map(bytes -> new Answer.Bytes(file(bytes)))
          .orElseGet(Answer.HasNot::new);
    }

    @Override
    public List<WantedPacks.Wanted> packs(String repoId) {
      return List.of();
    }
  }

  private FileContent file(byte[] bytes) {
    try {
      return new FileContent(
          Files.write(Files.createTempFile(spool, "pulled", null), bytes), bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Integer> holders(String key) {
    return IntStream.range(0, SITES)
        .filter(site -> buckets.get(site).head(key).isPresent())
        .boxed()
        .toList();
  }

  private void everySiteRuns() {
    for (int site = 0; site < SITES; site++) {
      peers = seenFrom(site);
      runCleanup(buckets.get(site));
    }
  }

  @Test
  void replicationReachesR() {
    Repo repo = repo("r");
    List<String> contents = IntStream.range(0, 6).mapToObj(i -> "content " + i).toList();
    contents.forEach(content -> push(repo, content));
    everySiteRuns();
    for (String content : contents) {
      assertThat(holders(key(content))).as("what readers need is everywhere").hasSize(SITES);
      assertThat(holders(bundleKey(repo, Ids.object(bundle(content)))))
          .hasSizeBetween(COPIES, COPIES + 1); // and the first one, until it is of no use
    }
    clock.advance(Duration.ofDays(8));
    everySiteRuns();
    for (String content : contents) {
      ContentId id = Ids.object(bundle(content));
      assertThat(holders(bundleKey(repo, id)))
          .as("those that are to have it")
          .hasSize(COPIES)
          .allMatch(site -> seenFrom(site).isMine(Kind.BUNDLE, id));
    }
    assertThat(lost()).isEmpty();
    assertThat(spool).isEmptyDirectory();
  }
}
