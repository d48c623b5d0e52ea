package dev.sheaf.cli.git;

/** Receives what differs between two trees. */
public interface TreeChanges {
  /** A path that is new, or whose content or mode is. */
  void set(String path, TreeEntry entry);

  /** A path that is gone. */
  void removed(String path);
}
