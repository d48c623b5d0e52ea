package dev.sheaf.localstack.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Repositories as they come: each is pushed, cloned in both ways, and compared in all refs, HEAD,
 * every object that git lists, and what fsck says. What makes one is a script, so that a failure
 * can be tried by hand.
 */
class OddRepositoriesTest {
  private final Target target = Target.shared();
  private final String url = target.url() + "/acceptance/" + UUID.randomUUID();

  @TempDir Path folder;

  /** What every script begins with: an empty repository, and a blob. */
  private static final String BEGIN =
      """
      set -eu; git init -q -b main .; b=$(echo x | git hash-object -w --stdin)
      git config user.name A; git config user.email a@example.org
      commit() { git update-ref "$1" "$(git commit-tree -m m ${3:+-p $3} "$2")"; }
      tree() { git hash-object -w -t tree --literally --stdin; }
      entry() { printf "$1 $2\\0"; printf "$(printf %s "$3" | sed 's/../\\\\x&/g')"; }
      """;

  /** One kind of oddity each; a line of three dots stands for a push and a comparison. */
  enum Kind {
    NAMES_OF_REFS(
        """
        git commit -q --allow-empty -m one; c=$(git rev-parse HEAD)
        for n in Main MAIN HEAD refs/heads/x -dash 'a%2F' 'c++' '#1"' "q'" 'd$(x)' \
          "$(printf '\\360\\237\\230\\200')" "$(printf 'caf\\303\\251')" "$(printf 'cafe\\314\\201')" \
          "$(printf 'lat\\351')" "$(printf '\\315\\356\\342')" __proto__ '{x}' 'a&b|c' 1e5; do
          git update-ref "refs/heads/$n" $c; git update-ref "refs/tags/$n" $c; done
        """),
    NAMESPACES(
        """
        git commit -q --allow-empty -m one; git notes add -m note; git update-ref refs/pull/1/head HEAD
        git update-ref refs/meta/config HEAD^{tree}
        ...
        git notes add -f -m other; git update-ref -d refs/pull/1/head; git push -q . HEAD:refs/pull/2/head
        """),
    TREES(
        """
        e=$(git mktree </dev/null); n=0
        for t in "$(entry 40000 e $e | tree)" "$({ entry 100644 b $b; entry 100644 a $b; } | tree)" \
          "$({ entry 100644 a $b; entry 100644 a $b; } | tree)" "$(entry 100644 '' $b | tree)" \
          "$(entry 0100664 'lat\\351' $b | tree)" "$(entry 40000 .git $e | tree)" \
          "$(entry 160000 sub $b | tree)" "$(entry 100644 "$(printf 'n%.0s' $(seq 300))" $b | tree)"
        do n=$((n+1)); commit refs/heads/t$n $t; done; commit refs/heads/main $e
        """),
    KINDS_OF_A_PATH(
        """
        p=; for m in 100644,$b,a 100755,$b,a 120000,$b,a 100644,$b,a/a/a 160000,$b,a 100644,$b,z; do
          git read-tree --empty; git update-index --add --cacheinfo $m
          t=$(git write-tree); commit refs/heads/main $t $p; p=$(git rev-parse main); done; git reset -q --hard
        """),
    TAGS(
        """
        echo key >f; git add f; git commit -q -m one; o=$(git rev-parse HEAD); ty=commit
        for i in 1 2 3; do o=$(printf "object $o\\ntype $ty\\ntag other\\n\\nm\\n" | git hash-object -w -t tag --literally --stdin)
          ty=tag; git update-ref refs/tags/t$i $o; done
        git tag -a -m k blob HEAD:f; git tag tree HEAD^{tree}; git branch t1
        head -c 900000 /dev/urandom | base64 >../m; git tag -a -F ../m large; rm ../m
        """),
    HEAD_UNBORN(
        """
        git commit -q --allow-empty -m one; git branch other; git symbolic-ref HEAD refs/heads/unborn
        git branch -q -D main
        """),
    HEAD_DETACHED(
        """
        git commit -q --allow-empty -m one; git checkout -q --detach; git commit -q --allow-empty -m two
        """),
    HEAD_MOVES(
        """
        git commit -q --allow-empty -m one; git branch trunk
        ...
        git symbolic-ref HEAD refs/heads/trunk
        ...
        git commit -q --allow-empty -m two
        """),
    DEFAULT_BRANCH_RENAMED(
        """
        git commit -q --allow-empty -m one; git tag v1
        ...
        git branch -m main trunk; git commit -q --allow-empty -m two
        """),
    MANY_REFS(
        """
        git commit -q --allow-empty -m one; c=$(git rev-parse HEAD)
        { echo '# pack-refs with: sorted '; for i in $(seq 10000 11200); do echo "$c refs/tags/n/$i"; done; } >.git/packed-refs
        ...
        git branch extra
        """),
    MERGES_AND_TIMES(
        """
        p=; q=; e=$(git mktree </dev/null)
        for i in $(seq 30); do export GIT_COMMITTER_DATE="$((1700000000 - i * i % 7 * 100000)) +0$((i % 10))30" GIT_AUTHOR_DATE="@$i +0000"
          case $((i % 5)) in 1) q=$(git commit-tree -m r$i $e);; 4) p=$(git commit-tree -p $p -p $q -m m$i $e);;
            *) p=$(git commit-tree ${p:+-p $p} -m $i $e);; esac; done; git update-ref refs/heads/main $p
        """),
    LARGE_BLOBS(
        """
        head -c 9000000 /dev/zero >zeros; head -c 5000000 /dev/urandom >noise; : >empty; ln -s "" l 2>/dev/null || :
        git add .; git commit -q -m large
        """),
    LARGE_FOLDER(
        """
        { for i in $(seq 4000); do printf '100644 blob %s\\tf%d\\n' $b $i; done; } | git mktree >../t
        commit refs/heads/main $(cat ../t); rm ../t; git reset -q --hard
        ...
        echo y >f40; git commit -q -a -m changed
        """),
    REPLACED(
        """
        for i in 1 2 3; do git commit -q --allow-empty -m $i; done; git rev-parse HEAD >.git/info/grafts
        """),
    JUNK_BESIDE_REFS(
        """
        git commit -q --allow-empty -m one; git symbolic-ref refs/heads/alias refs/heads/main
        git symbolic-ref refs/heads/dangling refs/heads/nowhere; : >.git/refs/heads/main.lock.lock
        echo junk >.git/refs/heads/.DS_Store
        """),
    ALTERNATES(
        """
        git init -q ../base; git -C ../base -c user.name=A -c user.email=a commit -q --allow-empty -m one
        echo "$PWD/../base/.git/objects" >.git/objects/info/alternates
        git update-ref refs/heads/main $(git -C ../base rev-parse HEAD); git commit -q --allow-empty -m two
        """);

    private final String script;

    Kind(String script) {
      this.script = script;
    }

    /** What is done before each push. */
    List<String> steps() {
      return List.of(script.split("(?m)^\\.\\.\\.$", -1));
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void comesBackTheSame(Kind kind) throws Exception {
    Path original = Files.createDirectory(folder.resolve("original"));
    String begin = BEGIN;
    for (String step : kind.steps()) {
      bash(original, begin + step);
      begin = BEGIN.replace("git init -q -b main .;", "");
      sheaf(0, "push", original.toString(), url, "--wait", "--prune");
      for (String via : List.of("bundles", "fetch")) {
        Path copy = folder.resolve("copy");
        sheaf(0, "clone", "--bare", "--via", via, url, copy.toString());
        assertThat(state(copy)).as(kind + " by " + via).isEqualTo(state(original));
        bash(folder, "rm -rf copy");
      }
    }
    assertThat(sheaf(0, "push", original.toString(), url)).contains("up to date");
  }

  /** All refs that travel, HEAD, all objects, and what fsck finds in them. */
  private static List<String> state(Path repository) throws Exception {
    String git = "export GIT_NO_REPLACE_OBJECTS=1 GIT_GRAFT_FILE=/dev/null; ";
    String refs = git + "git for-each-ref --format='%(refname) %(objectname) %(*objectname)'; ";
    String head = "git symbolic-ref -q HEAD || git rev-parse HEAD; ";
    String objects = "git rev-list --objects --no-object-names --all | sort; ";
    String fsck =
        "git fsck --no-dangling 2>&1 | grep -E 'error|missing|broken link' | grep -v refs/ | sort";
    return new ArrayList<>(bash(repository, refs + head + objects + fsck + "; :").lines().toList());
  }

  @Test
  void whatCannotBeCarriedIsRefusedAndNothingIsThere() throws Exception {
    Path base = Files.createDirectory(folder.resolve("base"));
    bash(base, BEGIN + "git commit -q --allow-empty -m 1; git commit -q --allow-empty -m 2");
    bash(
        folder,
        "git clone -q --depth 1 file://$PWD/base shallow; git init -q empty; mkdir none;"
            + " git init -q --object-format=sha256 sha256; git -C base config uploadpack.allowFilter 1;"
            + " git clone -q --filter=blob:none -n file://$PWD/base partial");
    for (String name : List.of("shallow", "partial", "sha256", "empty", "none")) {
      String said = sheaf(1, "push", folder.resolve(name).toString(), url, "--wait");
      assertThat(said.lines().filter(line -> line.startsWith("sheaf: "))).as(said).hasSize(1);
    }
    sheaf(1, "refs", url);
  }

  @Test
  void aDamagedRepositoryIsRefusedAndGoodWhenItIsMended() throws Exception {
    Path original = Files.createDirectory(folder.resolve("original"));
    bash(
        original,
        BEGIN
            + """
            echo 1 >a; echo 2 >c; git add .; git commit -q -m one
            p() { h=$(git rev-parse $1); echo .git/objects/$(echo $h | cut -c1-2)/$(echo $h | cut -c3-); }
            chmod u+w $(p :a); cp $(p :a) ../keep; cat $(p :c) >$(p :a)
            """);
    assertThat(sheaf(1, "push", original.toString(), url, "--wait")).contains("damaged");
    bash(
        original,
        "h=$(git rev-parse :a); cp ../keep .git/objects/$(echo $h | cut -c1-2)/$(echo $h | cut -c3-);"
            + " git -c user.name=A -c user.email=a commit -q --allow-empty -m two");
    sheaf(0, "push", original.toString(), url, "--wait");
    sheaf(0, "clone", url, folder.resolve("copy").toString());
    assertThat(state(folder.resolve("copy"))).isEqualTo(state(original));
  }

  private String sheaf(int exit, String... arguments) {
    SheafProgram.Ended ended = new SheafProgram(folder, target.token()).run(arguments);
    assertThat(ended.exit()).as(ended.text()).isEqualTo(exit);
    return ended.text();
  }

  private static String bash(Path directory, String script)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", script).directory(directory.toFile());
    builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    // One character a byte: names are bytes.
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    assertThat(process.waitFor()).as(script + "\n" + text).isZero();
    return text;
  }
}
