package dev.sheaf.api;

import static dev.sheaf.api.GitClient.outcome;
import static dev.sheaf.api.GitClient.update;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.msgpack.Msgpack;
import dev.sheaf.testing.TestGit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More refs than a request holds as they are, and all of them move, or none. */
class ManyGitRefsTest {
  private static final int REFS = 40_000;

  @TempDir Path temp;
  private final ApiSite site = ApiSite.start();
  private final GitClient client = GitClient.of(site, "many/refs");
  private String first = "";
  private String second = "";

  @BeforeEach
  void push() {
    TestGit git = TestGit.init(temp.resolve("a"));
    first = git.commit("a.txt", "one");
    second = git.commit("a.txt", "two");
    client.push(git.bundle("--all"), update("refs/heads/main", null, second)).expect(200);
  }

  @Test
  void allOfThemMoveAsOneAndTheAnswerIsShort() throws IOException {
    Answer made = announce(builds(null, first)).expect(200);
    assertThat(made.document()).containsEntry("ok", true);
    assertThat(made.maps("results")).isEmpty();
    assertThat(refsAt(first)).isEqualTo(REFS);

    announce(builds(first, second)).expect(200);
    assertThat(refsAt(second)).isEqualTo(REFS + 1);
  }

  @Test
  void oneThatCannotMoveKeepsAllOthersAndIsTheOnlyOneThatIsNamed() throws IOException {
    List<Map<String, @Nullable Object>> updates = builds(null, first);
    updates.add(update("refs/heads/main", first, first));
    Answer refused = announce(updates).expect(409);
    assertThat(outcome(refused)).isEqualTo(Map.of("refs/heads/main", "stale"));
    assertThat(refsAt(first)).isZero();
  }

  @Test
  void whatIsPackedIsBounded() throws IOException {
    byte[] bomb = gzip(new byte[40 << 20]);
    Answer tooLarge = send(Map.of("packed_updates", bomb, "atomic", true));
    assertThat(tooLarge.expect(413).text("detail"))
        .contains("field packed_updates unpacks to more than the 33554432 bytes");
    byte[] other = "no gzip".getBytes(UTF_8);
    assertThat(send(Map.of("packed_updates", other)).expect(400).text("detail"))
        .contains("field packed_updates is no gzip");
  }

  private int refsAt(String target) {
    return (int) client.refs().stream().filter(ref -> ref.endsWith(" " + target)).count();
  }

  private static List<Map<String, @Nullable Object>> builds(
      @Nullable String old, @Nullable String target) {
    List<Map<String, @Nullable Object>> updates = new ArrayList<>();
    for (int i = 0; i < REFS; i++) {
      Map<String, @Nullable Object> update = update("refs/tags/build/" + i, old, target);
      update.put("force", true);
      updates.add(update);
    }
    return updates;
  }

  private Answer announce(List<Map<String, @Nullable Object>> updates) throws IOException {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("packed_updates", gzip(Msgpack.encode(Map.of("updates", updates))));
    document.put("atomic", true);
    document.put("brief", true);
    return send(document);
  }

  private Answer send(Map<String, ?> document) {
    return site.call(client.client().event("POST", "/push/unpack-bundle").msgpack(document));
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }
}
