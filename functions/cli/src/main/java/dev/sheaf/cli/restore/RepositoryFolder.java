package dev.sheaf.cli.restore;

import dev.sheaf.cli.git.RefName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.ConfigConstants;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;

/** The files of a git repository around its objects: configuration, refs, HEAD. */
public final class RepositoryFolder {
  private static final String CORE = ConfigConstants.CONFIG_CORE_SECTION;

  private final Path gitFolder;
  private final boolean bare;

  private RepositoryFolder(Path gitFolder, boolean bare) {
    this.gitFolder = gitFolder;
    this.bare = bare;
  }

  /**
   * Makes an empty repository. JGit can do that too, but starts a shell for it and takes a tenth of
   * a second.
   *
   * @param folder the repository, if bare, else the top of the work tree; an empty folder
   */
  public static RepositoryFolder create(Path folder, boolean bare) throws IOException {
    Path gitFolder = bare ? folder : folder.resolve(Constants.DOT_GIT);
    RepositoryFolder made = new RepositoryFolder(gitFolder, bare);
    for (String inner : List.of("objects/info", "objects/pack", "refs/heads", "refs/tags")) {
      Files.createDirectories(gitFolder.resolve(inner));
    }
    Config config = new Config();
    boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    config.setInt(CORE, null, ConfigConstants.CONFIG_KEY_REPO_FORMAT_VERSION, 0);
    config.setBoolean(CORE, null, ConfigConstants.CONFIG_KEY_FILEMODE, posix);
    config.setBoolean(CORE, null, ConfigConstants.CONFIG_KEY_BARE, bare);
    if (!posix) {
      config.setBoolean(CORE, null, ConfigConstants.CONFIG_KEY_SYMLINKS, false);
    }
    if (!bare) {
      config.setBoolean(CORE, null, ConfigConstants.CONFIG_KEY_LOGALLREFUPDATES, true);
    }
    made.write(Constants.CONFIG, config.toText());
    made.write(Constants.HEAD, "ref: refs/heads/main\n");
    return made;
  }

  /** Git's own folder: {@code .git}, or the repository itself if bare. */
  public Path gitFolder() {
    return gitFolder;
  }

  /** Whether there is no work tree. */
  public boolean isBare() {
    return bare;
  }

  /** Where the objects go. */
  public Path objects() {
    return gitFolder.resolve("objects");
  }

  /** Notes where the repository came from: {@code sheaf.url}, which {@code sheaf push} reads. */
  public void setUrl(String url) throws IOException {
    Config config = new Config();
    config.setString("sheaf", null, "url", url);
    Files.writeString(
        gitFolder.resolve(Constants.CONFIG),
        config.toText(),
        StandardCharsets.UTF_8,
        StandardOpenOption.APPEND);
  }

  /**
   * Writes all refs at once.
   *
   * @param refs what each names
   * @param peeled of an annotated tag, the commit that it leads to
   */
  public void writeRefs(Map<RefName, ObjectId> refs, Map<RefName, ObjectId> peeled)
      throws IOException {
    StringBuilder text = new StringBuilder("# pack-refs with: peeled fully-peeled sorted \n");
    new TreeMap<>(refs)
        .forEach((name, target) -> {
          text.append(target.name()).append(' ').append(name).append('\n');
          ObjectId commit = peeled.get(name);
          if (commit != null) {
            text.append('^').append(commit.name()).append('\n');
          }
        });
    write("packed-refs", text.toString());
  }

  /** Makes a branch the current one; it need not have a commit. */
  public void checkOut(RefName branch) throws IOException {
    write(Constants.HEAD, "ref: " + branch + "\n");
  }

  /** Makes HEAD a commit that no branch stands for. */
  public void detachHead(ObjectId commit) throws IOException {
    write(Constants.HEAD, commit.name() + "\n");
  }

  private void write(String name, String text) throws IOException {
    Files.write(gitFolder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }
}
