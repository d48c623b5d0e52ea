package dev.sheaf.peersync;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.testing.ManualClock;
import dev.sheaf.testing.TestGit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The copy of a large pack that broke off goes on from the parts that came. */
class ResumedPacksTest {
  private static final String MAIN = "refs/heads/main";
  private static final int PART = 4_000;
  private static final int MOST = 9_000;

  @TempDir private Path folder;

  private final ManualClock clock = new ManualClock(Instant.parse("2026-06-01T12:00:00Z"));
  private final List<String> ranges = new ArrayList<>();
  private long sent;

  @SuppressWarnings("NullAway.Init")
  private Path temp;

  @SuppressWarnings("NullAway.Init")
  private GitSite home;

  @SuppressWarnings("NullAway.Init")
  private GitSite other;

  @SuppressWarnings("NullAway.Init")
  private String head;

  @BeforeEach
  void start() throws IOException {
    temp = Files.createDirectories(folder.resolve("temp"));
    home = new GitSite(clock, temp, new Random(1));
    other = new GitSite(clock, temp, new Random(2));
    other.partBytes = PART;
    TestGit git = TestGit.init(folder.resolve("work"));
    byte[] text = new byte[30_000];
    new Random(3).nextBytes(text);
    head = git.commit("file", Base64.getEncoder().encodeToString(text));
    home.push("r", git.bundle("--all"));
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    home.close();
    other.close();
    try (Stream<Path> files = Files.list(temp)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void eachTickGoesOnWhereTheOneBeforeWasCut() throws IOException {
    byte[] pack = home.bytes(home.repo("r"), pack());
    home.answers(exchange -> gives(exchange, pack));
    int kept = 0;
    while (other.follow(home).copied() == 0) {
      assertThat(parts()).as("parts that were " + kept).hasSizeGreaterThan(kept);
      assertThat(other.texts("select pack as t from pack_copies")).as("pauses").isEmpty();
      kept = parts().size();
    }
    for (int i = 0; i < ranges.size(); i++) {
      assertThat(ranges.get(i)).isEqualTo(i == 0 ? "" : "bytes=" + 2 * PART * i + "-");
    }
    assertThat(ranges).hasSizeGreaterThan(3);
    assertThat(sent).isEqualTo(pack.length + (MOST - 2L * PART) * (ranges.size() - 1));
    assertThat(other.refs("r")).isEqualTo(Map.of(MAIN, head));
    assertThat(other.clone("r", folder.resolve("clone"))).hasSize(2);
    assertThat(parts()).isEmpty();
  }

  /** What was put together is no pack, or not this one: nothing of it is gone on with. */
  @Test
  void partsOfAnotherPackAreForgotten() throws IOException {
    byte[] pack = home.bytes(home.repo("r"), pack());
    byte[] lie = pack.clone();
    lie[500] ^= 1;
    home.answers(exchange -> gives(exchange, lie));
    other.follow(home);
    home.answers(exchange -> gives(exchange, pack));
    int ticks = 0;
    while (other.follow(home).copied() == 0 && ticks < 20) {
      clock.advance(Duration.ofMinutes(5));
      ticks++;
    }
    assertThat(other.refs("r")).isEqualTo(Map.of(MAIN, head));
    assertThat(parts()).isEmpty();
  }

  private ContentId pack() {
    return new GitPacks(home.catalog, home.repo("r").repoId()).live().getFirst().pack();
  }

  private List<String> parts() {
    return other.store.list(ObjectKeys.COPIES, null, null).objects().stream()
        .map(each -> each.key())
        .toList();
  }

  /** Answers for a blob, and breaks off when it has sent some of it. */
  private boolean gives(HttpExchange exchange, byte[] bytes) throws IOException {
    if (!exchange.getRequestURI().getPath().startsWith("/internal/blobs/")) {
      return false;
    }
    if (exchange.getRequestURI().getQuery() == null) {
      exchange.getResponseHeaders().set("Location", exchange.getRequestURI() + "?signed");
      exchange.sendResponseHeaders(307, -1);
      return true;
    }
    String range = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range")).orElse("");
    ranges.add(range);
    int from = range.isEmpty() ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", ""));
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, bytes.length - from);
    int given = Math.min(MOST, bytes.length - from);
    exchange.getResponseBody().write(bytes, from, given);
    exchange.getResponseBody().flush();
    sent += given;
    return true;
  }
}
