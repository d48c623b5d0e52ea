package dev.sheaf.cli.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.util.FS;

/**
 * A git repository opened to be read as a whole: bare or with a work tree, a linked work tree, with
 * alternates, packed or loose. What cannot be read as a whole is refused when it is opened, with a
 * sentence that says what to do.
 */
public final class GitSource implements AutoCloseable {
  private final Repository repository;
  private final Path path;
  private final Path commonFolder;

  private GitSource(Repository repository, Path path, Path commonFolder) {
    this.repository = repository;
    this.path = path;
    this.commonFolder = commonFolder;
  }

  /**
   * Opens the repository at a path: a bare repository, a work tree's top folder or a {@code .git}
   * folder.
   *
   * @throws SheafException of kind NOT_FOUND when there is none, INVALID when it cannot be carried
   */
  public static GitSource open(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      throw new SheafException(ErrorKind.NOT_FOUND, "there is no directory " + path);
    }
    File folder = path.toAbsolutePath().normalize().toFile();
    FileRepositoryBuilder builder = GitEnvironment.repository();
    builder.addCeilingDirectory(folder.getParentFile()).findGitDir(folder);
    return open(path, builder);
  }

  /** Opens the repository that a folder lies in, as git itself would find it. */
  public static GitSource openAround(Path folder) throws IOException {
    FileRepositoryBuilder builder = GitEnvironment.repository();
    return open(folder, builder.findGitDir(folder.toAbsolutePath().normalize().toFile()));
  }

  private static GitSource open(Path path, FileRepositoryBuilder builder) throws IOException {
    File gitFolder = builder.getGitDir();
    if (gitFolder == null) {
      throw new SheafException(
          ErrorKind.NOT_FOUND,
          path
              + " is not a git repository; name a bare repository, the top folder of a work tree"
              + " or a .git folder");
    }
    Path common = commonFolder(gitFolder.toPath());
    refuseForeignFormats(path, common);
    return new GitSource(builder.setMustExist(true).build(), path, common);
  }

  /** Of a linked work tree, the folder that it shares with the repository; else the same folder. */
  private static Path commonFolder(Path gitFolder) throws IOException {
    Path pointer = gitFolder.resolve("commondir");
    return Files.isRegularFile(pointer)
        ? gitFolder.resolve(Files.readString(pointer).strip()).normalize()
        : gitFolder;
  }

  private static void refuseForeignFormats(Path path, Path common) throws IOException {
    Config config = readConfig(common.resolve("config"));
    String format = config.getString("extensions", null, "objectformat");
    if (format != null && !format.equalsIgnoreCase("sha1")) {
      throw refused(
          path
              + " uses "
              + format
              + " object ids, Sheaf carries SHA-1 repositories only;"
              + " nothing was sent");
    }
    Path shallow = common.resolve("shallow");
    if (Files.exists(shallow) && Files.size(shallow) > 0) {
      throw refused(
          path
              + " is a shallow clone, a part of its history is not here;"
              + " run 'git fetch --unshallow' in it and push again");
    }
    if (isPartial(config)) {
      throw refused(
          path
              + " is a partial clone, some of its objects are not here;"
              + " make a full clone of its remote and push that");
    }
  }

  private static boolean isPartial(Config config) {
    return config.getString("extensions", null, "partialclone") != null
        || config.getSubsections("remote").stream()
            .anyMatch(remote -> config.getBoolean("remote", remote, "promisor", false));
  }

  private static Config readConfig(Path file) throws IOException {
    FileBasedConfig config = new FileBasedConfig(file.toFile(), FS.DETECTED);
    try {
      config.load();
      return config;
    } catch (ConfigInvalidException e) {
      throw new SheafException(
          ErrorKind.INVALID, "git cannot read " + file + " either: " + e.getMessage(), e);
    }
  }

  private static SheafException refused(String message) {
    return new SheafException(ErrorKind.INVALID, message);
  }

  /** The path that it was opened by, for messages. */
  public Path path() {
    return path;
  }

  /** Git's folder of this work tree: {@code .git} mostly, of a bare repository itself. */
  public Path gitFolder() {
    return repository.getDirectory().toPath();
  }

  /** The folder that all work trees share; Sheaf keeps its own files in {@code sheaf/} below it. */
  public Path commonFolder() {
    return commonFolder;
  }

  /** Its configuration. */
  public Config config() {
    return repository.getConfig();
  }

  /** A reader of its objects, for one thread; the caller closes it. */
  public ObjectReader newReader() {
    return repository.newObjectReader();
  }

  Repository repository() {
    return repository;
  }

  @Override
  public void close() {
    repository.close();
  }
}
