package dev.sheaf.localstack.workbench.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.HistoryCollector;
import dev.sheaf.bundle.codec.ReceivedObject;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.cli.bundling.BuiltBundle;
import dev.sheaf.cli.bundling.Bundler;
import dev.sheaf.cli.git.GitHistory;
import dev.sheaf.cli.git.GitProgram;
import dev.sheaf.cli.git.GitSource;
import dev.sheaf.cli.git.RefList;
import dev.sheaf.testing.TestGit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plain muse bundle of a git history is git's in every file, and what is not is found. */
class MuseComparisonTest {
  @TempDir Path folder;

  @Test
  void everyFileOfEveryCommitIsGitsAndALieIsFound() throws IOException {
    Path repository = folder.resolve("repository");
    TestGit git = TestGit.init(repository);
    git.commit("a.txt", "one");
    git.commit("folder/b.txt", "two");
    git.run("checkout", "-q", "-b", "side", "HEAD~1");
    git.commit("a.txt", "other");
    git.run("tag", "-a", "v1", "-m", "tagged");
    git.run("checkout", "-q", "main");
    git.run("merge", "-q", "--no-edit", "side");
    BuiltBundle bundle = bundle(repository);
    Git judge =
        new Git(repository, new GitProgram(System.getenv(), repository.resolve(".git"), null));

    MuseComparison all =
        MuseComparison.of(judge, new FileContent(bundle.file(), bundle.sizeBytes()), true, folder);
    assertThat(all.differences()).isEmpty();
    assertThat(List.of(all.commits(), all.trees(), all.allTrees())).containsExactly(4, 4, 4);
    assertThat(all.files()).isEqualTo(1 + 2 + 1 + 2);

    History history = history(bundle);
    History shorter = History.of(history.commits().subList(0, 3), history.snapshots(), Map.of());
    assertThat(compare(judge, shorter, objects(bundle, false)))
        .singleElement()
        .asString()
        .startsWith("commit lost: ");
    assertThat(compare(judge, history, objects(bundle, true)))
        .isNotEmpty()
        .anyMatch(line -> line.endsWith(" is not what it says"))
        .anyMatch(line -> line.contains("a.txt differs"));
  }

  private BuiltBundle bundle(Path repository) throws IOException {
    try (GitSource source = GitSource.open(repository);
        GitHistory history = new GitHistory(source);
        Bundler bundler = new Bundler(source, history, folder, _ -> {})) {
      return bundler.build(RefList.read(source, RefList.Selection.ALL));
    }
  }

  private History history(BuiltBundle bundle) throws IOException {
    HistoryCollector collector = new HistoryCollector();
    try (InputStream in = Files.newInputStream(bundle.file())) {
      BundleReader.spoolingTo(folder).read(in, collector);
    }
    return collector.history();
  }

  /** The objects of a bundle, or others under their names. */
  private List<WireObject> objects(BuiltBundle bundle, boolean lying) throws IOException {
    List<WireObject> objects = new ArrayList<>();
    try (InputStream in = Files.newInputStream(bundle.file())) {
      BundleReader.spoolingTo(folder)
          .read(
              in,
              new HistoryCollector() {
                @Override
                public void object(ReceivedObject object) throws IOException {
                  object.decode(raw ->
                      objects.add(
                          WireObject.raw(
                              raw.id(), lying ? Content.of(new byte[9]) : raw.content())));
                  object.close();
                }
              });
    }
    return objects;
  }

  private List<String> compare(Git judge, History history, List<WireObject> objects)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BundleWriter writer = BundleWriter.to(out, IdDialect.PREFIXED);
    writer.history(history, objects.size());
    for (WireObject object : objects) {
      writer.object(object);
    }
    writer.finish();
    return MuseComparison.of(judge, Content.of(out.toByteArray()), true, folder).differences();
  }
}
