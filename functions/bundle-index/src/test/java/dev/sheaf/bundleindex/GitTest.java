package dev.sheaf.bundleindex;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.PackLimits;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.GitRef;
import dev.sheaf.repository.GitRefTable;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.git.GitPorts;
import dev.sheaf.repository.git.GitPushes;
import dev.sheaf.repository.git.RefUpdate;
import dev.sheaf.repository.git.RefsRequest;
import dev.sheaf.testing.TestGit;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.io.TempDir;

/** Bundles that the installed git makes, on the store and the catalog of {@link IndexTest}. */
abstract class GitTest extends IndexTest {
  @TempDir Path folders = Path.of("");

  TestGit git() {
    return TestGit.init(folders.resolve("git-" + ids.get()));
  }

  /** What git's parts of the site stand on. */
  GitPorts gitPorts() {
    return new GitPorts(
        catalog,
        store,
        new GitStorage(store),
        spool,
        PackLimits.of(1L << 30, 1L << 30),
        clock,
        SiteLog.OFF);
  }

  /** Announces pushes; bundles above so many bytes are left to the worker. */
  GitPushes gitPushes(long readNowBytes) {
    return new GitPushes(gitPorts(), jobs(), readNowBytes);
  }

  /** Announces an uploaded bundle that nobody reads meanwhile. */
  GitPushes.Result leave(String repo, byte[] bundle, RefUpdate... updates) {
    return announce(repo, bundle, 0, false, updates);
  }

  GitPushes.Result announce(
      String repo, byte[] bundle, long readNowBytes, boolean atomic, RefUpdate... updates) {
    Repo into = new Repos(catalog).findOrCreate("alice", repo, ids.get(), clock.instant());
    store.put(
        ObjectKeys.bundle("alice", repo, Ids.object(bundle)),
        dev.sheaf.bundle.Content.of(bundle),
        Ids.object(bundle),
        dev.sheaf.storage.ObjectStore.Condition.ALWAYS,
        "application/octet-stream");
    return gitPushes(readNowBytes)
        .push(
            into,
            new GitPushes.Bundle(
                Ids.object(bundle),
                bundle.length,
                clock.instant(),
                () -> new ByteArrayInputStream(bundle)),
            new RefsRequest(List.of(updates), null, null, atomic));
  }

  GitPushes.Result move(String repo, RefUpdate... updates) {
    return gitPushes(0)
        .push(repo(repo), null, new RefsRequest(List.of(updates), null, null, false));
  }

  static RefUpdate update(String name, String target) {
    return RefUpdate.forward(RefName.of(name), ObjectId.fromString(target));
  }

  static RefUpdate forced(String name, String target) {
    return new RefUpdate(
        RefName.of(name), new RefUpdate.Expected.Anything(), ObjectId.fromString(target), true);
  }

  /** Runs all jobs of a repository. */
  void runJobs(String repo) {
    handle(dev.sheaf.repository.job.WakeUp.of(repo(repo).repoId()).body());
  }

  /** Name to target; one that a job is still to prove has a question mark. */
  Map<String, String> gitRefs(String repo) {
    Map<String, String> refs = new TreeMap<>();
    new GitRefTable(catalog, repo(repo).repoId())
        .forEachWhile(
            new byte[0],
            ref -> {
              refs.put(ref.name().toString(), ref.target().name() + mark(ref));
              return true;
            });
    return refs;
  }

  private static String mark(GitRef ref) {
    return ref.unprovenBy() == null ? "" : "?";
  }

  List<GitPacks.Live> packs(String repo) {
    return new GitPacks(catalog, repo(repo).repoId()).live();
  }

  /** Keys of what was stored of a repository. */
  List<String> packKeys() {
    return store.keys().stream().filter(key -> key.startsWith("git/")).toList();
  }

  /** A clone that takes the packs of a repository from the store; git proves all. */
  TestGit clone(String repo) {
    TestGit copy = TestGit.initBare(folders.resolve("copy-" + ids.get()));
    for (GitPacks.Live pack : packs(repo)) {
      copy.indexPack(store.bytes("git/alice/" + repo + "/" + pack.pack().hex() + ".pack"));
    }
    List<String> refs = new ArrayList<>();
    gitRefs(repo).forEach((name, target) -> refs.add("create " + name + " " + target + "\n"));
    copy.run(
        String.join("", refs).getBytes(java.nio.charset.StandardCharsets.UTF_8),
        "update-ref",
        "--stdin");
    copy.run("fsck", "--strict");
    return copy;
  }
}
