package dev.sheaf.cli.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommitTextTest {
  private static final String TREE = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n";
  private static final String P1 = "1111111111111111111111111111111111111111";
  private static final String P2 = "2222222222222222222222222222222222222222";

  @Test
  void takesACommitApart() {
    CommitText commit =
        parse(
            TREE
                + "parent "
                + P1
                + "\nparent "
                + P2
                + "\nauthor Änne <a@b> 1700000000 +0200\n"
                + "committer C <c@d> 1700000005 -0330\n\nSubject\n\nBody\n");
    assertThat(commit.tree()).isEqualTo(Tree.EMPTY_ID);
    assertThat(commit.parents().stream().map(ObjectId::name)).containsExactly(P1, P2);
    assertThat(commit.author()).isEqualTo("Änne <a@b>");
    assertThat(commit.committedAt()).isEqualTo("2023-11-14T18:43:25-03:30");
    assertThat(commit.message()).isEqualTo("Subject\n\nBody\n");
  }

  @Test
  void decodesTheEncodingThatTheCommitNames() {
    String text = TREE + "author A <a@b> 1 +0000\nencoding ISO-8859-1\n\nNachricht äöü";
    CommitText commit =
        CommitText.parse(ObjectId.zeroId(), text.getBytes(StandardCharsets.ISO_8859_1));
    assertThat(commit.message()).isEqualTo("Nachricht äöü");
  }

  @ParameterizedTest
  @CsvSource({
    "'C <c@d> 99999999999999999999 +0000'",
    "'C <c@d> -5 +0000'",
    "'C <c@d> 5 +9999'",
    "'C <c@d>'",
    "'C <c@d> x y z'",
    "'no address at all'"
  })
  void anyCommitterLineGivesATimeThatCanBeRead(String line) {
    CommitText commit = parse(TREE + "author A <a@b> 1 +0000\ncommitter " + line + "\n\nm");
    assertThat(OffsetDateTime.parse(commit.committedAt())).isNotNull();
  }

  @Test
  void leavesOutWhatADatabaseCannotHold() {
    assertThat(parse(TREE + "author A <a@b> 1 +0000\n\na\0b").message()).isEqualTo("a\ufffdb");
  }

  @Test
  void cutsAMessageThatIsTooLong() {
    String smileys = "😀".repeat(CommitText.MESSAGE_LIMIT + 5);
    String message = parse(TREE + "author A <a@b> 1 +0000\n\n" + smileys).message();
    assertThat(message.codePointCount(0, message.length())).isEqualTo(CommitText.MESSAGE_LIMIT);
    assertThat(smileys).startsWith(message);
  }

  @Test
  void refusesWhatDoesNotBeginLikeACommit() {
    assertThatThrownBy(() -> parse("author A <a@b> 1 +0000\n\nm")).hasMessageContaining("git fsck");
  }

  private static CommitText parse(String text) {
    return CommitText.parse(ObjectId.zeroId(), text.getBytes(StandardCharsets.UTF_8));
  }
}
