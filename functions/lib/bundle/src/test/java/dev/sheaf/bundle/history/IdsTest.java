package dev.sheaf.bundle.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class IdsTest {
  private static final ContentId HELLO = Ids.object("hello\n".getBytes(StandardCharsets.UTF_8));

  @Test
  void objects() throws IOException {
    assertThat(HELLO.hex())
        .isEqualTo("5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
    assertThat(Ids.object(new byte[0]).hex()).startsWith("e3b0c442").endsWith("b855");
    byte[] large = new byte[200_001];
    assertThat(Ids.object(Content.of(large))).isEqualTo(Ids.object(large));
  }

  /** The worked example of bundle.md section 2, in both dialects. */
  @Test
  void commits() {
    String message = "first: readme, code, unicode, empty, binary";
    String at = "2026-11-21T06:22:40.332721+00:00";
    String prefixed = "sha256:7947b6c1b56fe1d35243eb75e014d949896b36416b21efcec5a4c593653967ec";
    assertThat(Ids.commit(List.of(), prefixed, message, at, IdDialect.PREFIXED))
        .isEqualTo("sha256:59be424b65651e6eacda0bdc789381d70100d990d6218125e2a27537d4e583a8");
  }

  @Test
  void emptyManifestIsTheHashOfNothing() {
    assertThat(Ids.snapshot(Manifest.EMPTY, IdDialect.BARE))
        .isEqualTo(Ids.object(new byte[0]).hex());
  }

  @Test
  void parentsAreSorted() {
    assertThat(Ids.commit(List.of("b", "a"), "s", "m", "t", IdDialect.BARE))
        .isEqualTo(Ids.commit(List.of("a", "b"), "s", "m", "t", IdDialect.BARE))
        .isEqualTo(object("a\0b\0s\0m\0t"));
    assertThat(Ids.commit(List.of(), null, "m", "t", IdDialect.BARE)).isEqualTo(object("\0\0m\0t"));
  }

  @Test
  void orderIsByCodePoint() {
    List<String> texts =
        new ArrayList<>(
            List.of(
                "\uE000",
                "\uD83D\uDE00",
                "\uFFFD",
                "a",
                "",
                "a\0",
                "ab",
                "\uD7FF",
                "ü",
                "\uD83D\uDE00a"));
    texts.sort(CodePointOrder.INSTANCE);
    List<String> byBytes = new ArrayList<>(texts);
    byBytes.sort((x, y) ->
        Arrays.compareUnsigned(
            x.getBytes(StandardCharsets.UTF_8), y.getBytes(StandardCharsets.UTF_8)));
    assertThat(texts).isEqualTo(byBytes);
    assertThat(texts.indexOf("\uD83D\uDE00")).isGreaterThan(texts.indexOf("\uFFFD"));
  }

  private static String object(String text) {
    return Ids.object(text.getBytes(StandardCharsets.UTF_8)).hex();
  }
}
