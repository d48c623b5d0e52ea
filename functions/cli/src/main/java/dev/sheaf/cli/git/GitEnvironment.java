package dev.sheaf.cli.git;

import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.ConfigConstants;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.storage.file.WindowCacheConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.jspecify.annotations.Nullable;

/**
 * How JGit is set up in this process: it reads the repository's own configuration and no other.
 *
 * <p>JGit would start a {@code git} process to find the system's configuration and would write a
 * file of its own under the home directory; neither belongs to copying a repository.
 */
public final class GitEnvironment {
  private static final int MIB = 1 << 20;

  static {
    SystemReader.setInstance(new RepositoryConfigOnly(SystemReader.getInstance()));
    WindowCacheConfig windows = new WindowCacheConfig();
    windows.setPackedGitLimit(96L * MIB);
    windows.setPackedGitWindowSize(128 * 1024);
    windows.setDeltaBaseCacheLimit(64 * MIB);
    windows.setStreamFileThreshold(32 * MIB);
    windows.install();
  }

  private GitEnvironment() {}

  /** How to open or make a repository; any other way would skip the set-up. */
  public static FileRepositoryBuilder repository() {
    return new FileRepositoryBuilder();
  }

  private static final class RepositoryConfigOnly extends SystemReader.Delegate {
    RepositoryConfigOnly(SystemReader delegate) {
      super(delegate);
    }

    @Override
    public FileBasedConfig openSystemConfig(Config parent, FS fs) {
      return new NoFile(parent, fs);
    }

    @Override
    public FileBasedConfig openJGitConfig(Config parent, FS fs) {
      return new NoFile(parent, fs);
    }

    @Override
    public FileBasedConfig openUserConfig(Config parent, FS fs) {
      return new NoFile(parent, fs) {
        // The clock of the file system, which JGit would otherwise measure for seconds with
        // files in the repository. Repositories are read here at one point in time, so a coarse
        // guess does.
        @Override
        public @Nullable String getString(
            String section, @Nullable String subsection, String name) {
          return section.equals(ConfigConstants.CONFIG_FILESYSTEM_SECTION)
              ? "10 milliseconds"
              : super.getString(section, subsection, name);
        }
      };
    }
  }

  private static class NoFile extends FileBasedConfig {
    NoFile(Config parent, FS fs) {
      super(parent, null, fs);
    }

    @Override
    public void load() {}

    @Override
    public boolean isOutdated() {
      return false;
    }

    @Override
    public void save() {}
  }
}
