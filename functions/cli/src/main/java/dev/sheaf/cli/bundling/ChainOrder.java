package dev.sheaf.cli.bundling;

import java.util.Comparator;

/**
 * The order of objects that compresses best when each refers to the one before it: by extension,
 * file name and path, then newest first, with chains running on from one file to the next.
 *
 * <p>Measured at level 9 on five real histories of 120 to 908 commits, object bytes as a share of
 * git's own pack: by path, oldest first 0.86 0.46 0.57 0.75; by path, newest first 0.85 0.45 0.56
 * 0.75; by this order 0.86 0.46 0.51 0.70 0.96. A newer version mostly holds the older one, so that
 * the older one costs next to nothing; files of one kind share phrases.
 */
final class ChainOrder implements Comparator<NewBlob> {
  static final ChainOrder INSTANCE = new ChainOrder();

  private static final Comparator<NewBlob> ORDER =
      Comparator.comparing((NewBlob blob) -> extension(blob.path()))
          .thenComparing(blob -> fileName(blob.path()))
          .thenComparing(NewBlob::path)
          .thenComparing(Comparator.comparingInt(NewBlob::sequence).reversed());

  private ChainOrder() {}

  @Override
  public int compare(NewBlob a, NewBlob b) {
    return ORDER.compare(a, b);
  }

  private static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static String extension(String path) {
    String name = fileName(path);
    int dot = name.lastIndexOf('.');
    return dot <= 0 ? "" : name.substring(dot);
  }
}
