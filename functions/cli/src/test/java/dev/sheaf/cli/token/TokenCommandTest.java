package dev.sheaf.cli.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Run;
import dev.sheaf.repository.token.TokenEntry;
import dev.sheaf.repository.token.TokenList;
import dev.sheaf.repository.token.TokenMint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The list of a site, kept by hand. */
class TokenCommandTest {
  @TempDir Path folder;
  private Path list = Path.of("");

  @BeforeEach
  void begin() throws IOException {
    list = Files.writeString(folder.resolve("tokens.json"), "[]");
  }

  private Run token(String... words) {
    List<String> all = new ArrayList<>(List.of("token"));
    all.addAll(List.of(words));
    return Run.of(folder, Map.of("SHEAF_TOKENS", "file:" + list), all.toArray(String[]::new));
  }

  private String add(String name, String... more) {
    List<String> words = new ArrayList<>(List.of("add", "--name", name));
    words.addAll(
        List.of(more.length == 0 ? new String[] {"--scope", "read", "--repo", "me/*"} : more));
    Run run = token(words.toArray(String[]::new));
    assertThat(run.exit()).as(run.err()).isZero();
    return run.out().strip();
  }

  private List<TokenEntry> entries() throws IOException {
    return TokenList.parse(Files.readString(list));
  }

  @Test
  void anAddedTokenIsKnownByItsHash() throws IOException {
    String token = add("ci");
    assertThat(entries()).extracting(TokenEntry::hash).containsExactly(TokenMint.hash(token));
    assertThat(list).content().doesNotContain(token);
    assertThat(token("ls").out()).matches("[0-9a-f]{12}  ci  read  me/\\*\n").doesNotContain(token);
    assertThat(token("ls", "--json").out())
        .contains("\"name\":\"ci\"", "\"scopes\":[\"read\"]")
        .doesNotContain(token);
  }

  @Test
  void jsonSaysAllThatIsKnownOnce() {
    Run run = token("add", "--json", "--name", "ci", "--scope", "write", "--repo", "*");
    assertThat(run.out()).contains("{\"token\":\"sheaf_", "\"id\":\"", "\"scopes\":[\"write\"]");
  }

  @Test
  void aRevokedTokenIsGoneAndTheOthersStay() throws IOException {
    add("one");
    add("two");
    add("three");
    assertThat(token("revoke", "two").out()).matches("revoked [0-9a-f]{12}  two\n");
    String id = SiteTokens.id(entries().getFirst());
    assertThat(token("revoke", "--json", id).out())
        .isEqualTo("{\"revoked\":\"" + id + "\",\"name\":\"one\"}\n");
    assertThat(entries()).extracting(TokenEntry::name).containsExactly("three");
  }

  @Test
  void whatCannotBeDoneIsSaidAndChangesNothing() throws IOException {
    add("ci");
    assertFails(token("revoke", "nobody"), "there is no token 'nobody'");
    assertFails(
        token("add", "--name", "ci", "--scope", "read", "--repo", "*"), "named 'ci' already");
    assertFails(token("add", "--scope", "write"), "--repo OWNER/REPO");
    assertFails(token("add", "--scope", "peer"), "--host URL");
    assertFails(token("add", "--scope", "read", "--repo", "a/b/c"), "no repository glob");
    assertThat(token("new", "--repo", "*").exit())
        .as("nobody is given more than was said")
        .isEqualTo(2);
    assertFails(Run.of(folder, Map.of(), "token", "ls"), "SHEAF_TOKENS");
    assertThat(entries()).hasSize(1);
  }

  @Test
  void namesThatOccurTwiceAreToldApartByTheirIds() throws IOException {
    add("a");
    add("b");
    Files.writeString(list, Files.readString(list).replace("\"b\"", "\"a\""));
    List<TokenEntry> both = entries();
    assertFails(
        token("revoke", "a"), SiteTokens.id(both.get(0)) + ", " + SiteTokens.id(both.get(1)));
    assertThat(token("revoke", SiteTokens.id(both.get(1))).exit()).isZero();
    assertThat(entries()).extracting(TokenEntry::hash).containsExactly(both.getFirst().hash());
  }

  @Test
  void aListThatIsNoneIsLeftAsItIs() throws IOException {
    Files.writeString(list, "{");
    assertFails(token("add", "--scope", "peer", "--host", "https://two.example"), "cannot be read");
    assertThat(list).hasContent("{");
  }

  private static void assertFails(Run run, String reason) {
    assertThat(run.err()).startsWith("sheaf: ").contains(reason);
    assertThat(run.exit()).isEqualTo(1);
  }
}
