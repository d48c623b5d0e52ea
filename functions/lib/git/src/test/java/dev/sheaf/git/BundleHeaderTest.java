package dev.sheaf.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BundleHeaderTest {
  private static final String A = "a".repeat(40);
  private static final String B = "b".repeat(40);

  @Test
  void readsBothVersionsUpToThePack() throws IOException {
    for (String first :
        new String[] {"# v2 git bundle\n", "# v3 git bundle\n@object-format=sha1\n"}) {
      ByteArrayInputStream in =
          in(
              first
                  + "-"
                  + A
                  + " subject of it\n-"
                  + B
                  + "\n"
                  + B
                  + " refs/heads/\u00e9\n"
                  + A
                  + " HEAD\n"
                  + B
                  + " ORIG_HEAD\n\nPACK");
      BundleHeader header = BundleHeader.read(in);
      assertThat(header.prerequisites()).containsExactly(id(A), id(B));
      assertThat(header.head()).isEqualTo(id(A));
      assertThat(header.refs())
          .containsExactly(
              new BundleHeader.Ref(
                  RefName.ofBytes("refs/heads/\u00e9".getBytes(StandardCharsets.ISO_8859_1)),
                  id(B)));
      assertThat(in.readAllBytes()).asString().isEqualTo("PACK");
    }
  }

  @Test
  void tellsGitBundlesFromOthers() {
    assertThat(BundleHeader.isGitBundle(bytes("# v2 git bundle\n"))).isTrue();
    assertThat(BundleHeader.isGitBundle(bytes("# v3 git bundle\nmore"))).isTrue();
    assertThat(BundleHeader.isGitBundle(bytes("# v4 git bundle\n"))).isFalse();
    assertThat(BundleHeader.isGitBundle(bytes("# v2 git bundle"))).isFalse();
    assertThat(BundleHeader.isGitBundle(new byte[0])).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      textBlock =
          """
          "# v4 git bundle\\n\\n", does not begin with
          "# v3 git bundle\\n@object-format=sha256\\n\\n", object-format=sha256
          "# v3 git bundle\\n@filter=blob:none\\n\\n", --filter
          "# v3 git bundle\\n@new-thing\\n\\n", new-thing
          "# v2 git bundle\\n@object-format=sha1\\n\\n", names no ref
          "# v2 git bundle\\n-aaaa\\n\\n", no SHA-1 id
          "# v2 git bundle\\n%A%A refs/heads/a\\n\\n", names no ref
          "# v2 git bundle\\n%A refs/heads/../../x\\n\\n", refs/heads/../../x
          "# v2 git bundle\\n%A config\\n\\n", config
          "# v2 git bundle\\n%A refs/heads/a\\nPACK", ends within its header
          """)
  void refusesByName(String header, String reason) {
    String text = header.replace("\\n", "\n").replace("%A", A);
    assertThatThrownBy(() -> BundleHeader.read(in(text)))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining(reason);
  }

  private static ByteArrayInputStream in(String text) {
    return new ByteArrayInputStream(bytes(text));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static ObjectId id(String hex) {
    return ObjectId.fromString(hex);
  }
}
