package dev.sheaf.cli.send;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.git.GitProgram;
import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.git.ObjectWalk;
import dev.sheaf.cli.git.RefBytes;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a git bundle (gitformat-bundle, version 2): what some objects reach and others do not, as
 * {@code git pack-objects} packs it. What git keeps as deltas stays as it is.
 */
final class BundleFile {
  private static final int PACK_HEADER = 12;
  private static final int COUNT_AT = 8;

  private final LocalRepository repository;

  BundleFile(LocalRepository repository) {
    this.repository = repository;
  }

  /**
   * Writes one. That the server has what the given objects reach is written into it as well, by the
   * commits on the border.
   *
   * @param refs what to name in it
   * @param wanted what to pack, with all that it reaches
   * @param known what the server has
   * @param file the file to make
   * @return not yet uploaded
   */
  SentPack write(
      Map<RefName, GitId> refs, Collection<GitId> wanted, Collection<GitId> known, Path file)
      throws IOException {
    String revisions = revisions(wanted, known);
    MessageDigest digest = Ids.sha256();
    long objects;
    try (OutputStream out =
        new DigestOutputStream(new BufferedOutputStream(Files.newOutputStream(file)), digest)) {
      writeHeader(out, refs, known.isEmpty() ? List.of() : border(revisions));
      objects = writePack(out, wanted, known, revisions);
    }
    return new SentPack(ContentId.ofBytes(digest.digest()), Files.size(file), objects, false);
  }

  private static String revisions(Collection<GitId> wanted, Collection<GitId> known) {
    StringBuilder lines = new StringBuilder();
    wanted.forEach(id -> lines.append(id).append('\n'));
    known.forEach(id -> lines.append('^').append(id).append('\n'));
    return lines.toString();
  }

  /** The commits that the server has and what is new builds on. */
  private List<String> border(String revisions) throws IOException {
    List<String> border = new ArrayList<>();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    GitProgram.Outcome outcome =
        repository
            .git()
            .run(
                revisions.getBytes(StandardCharsets.US_ASCII),
                output,
                "rev-list",
                "--boundary",
                "--stdin");
    requireSound(outcome);
    output
        .toString(StandardCharsets.US_ASCII)
        .lines()
        .filter(line -> line.startsWith("-"))
        .forEach(border::add);
    return border;
  }

  private static void writeHeader(
      OutputStream out, Map<RefName, GitId> refs, List<String> prerequisites) throws IOException {
    StringBuilder header = new StringBuilder("# v2 git bundle\n");
    prerequisites.forEach(line -> header.append(line).append('\n'));
    refs.forEach(
        (name, id) -> header.append(id).append(' ').append(RefBytes.of(name)).append('\n'));
    out.write(header.append('\n').toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  private long writePack(
      OutputStream out, Collection<GitId> wanted, Collection<GitId> known, String revisions)
      throws IOException {
    Packing packing = new Packing(out);
    GitProgram.Outcome outcome = packing.run(revisions, "--revs", "--thin");
    if (!outcome.isDone() && packing.objects == 0 && isOddTree(outcome)) {
      Set<GitId> objects = ObjectWalk.from(repository, wanted, known);
      StringBuilder lines = new StringBuilder();
      objects.forEach(id -> lines.append(id).append('\n'));
      outcome = packing.run(lines.toString());
    }
    requireSound(outcome);
    return packing.objects;
  }

  /** Git knows such trees to be odd, and does not walk through them. */
  private static boolean isOddTree(GitProgram.Outcome outcome) {
    return outcome.complaint().contains("tree entry");
  }

  /** A run of git's packer, whose output goes to the bundle. */
  private final class Packing {
    /** Git would have the whole pack in memory that it copies from: 516 MB where it has 304. */
    private static final List<String> BOUNDED =
        List.of("-c", "core.packedGitWindowSize=32m", "-c", "core.packedGitLimit=128m");

    private final OutputStream out;
    private long objects;

    Packing(OutputStream out) {
      this.out = out;
    }

    GitProgram.Outcome run(String input, String... more) throws IOException {
      List<String> words = new ArrayList<>(BOUNDED);
      words.addAll(List.of("pack-objects", "--stdout", "--delta-base-offset", "--quiet"));
      words.addAll(List.of(more));
      return repository
          .git()
          .run(
              to -> to.write(input.getBytes(StandardCharsets.US_ASCII)),
              from -> objects = copyPack(from, out),
              words.toArray(String[]::new));
    }
  }

  /** Gives the number of objects that the pack's own header names. */
  private static long copyPack(InputStream from, OutputStream out) throws IOException {
    byte[] header = from.readNBytes(PACK_HEADER);
    out.write(header);
    from.transferTo(out);
    return header.length < PACK_HEADER ? 0 : ByteBuffer.wrap(header).getInt(COUNT_AT);
  }

  private void requireSound(GitProgram.Outcome outcome) {
    if (!outcome.isDone() && outcome.exit() != GitProgram.NOT_INSTALLED) {
      throw new SheafException(
          ErrorKind.CORRUPT,
          "the git repository "
              + repository.path()
              + " is damaged: "
              + outcome.reason()
              + "; nothing was sent; 'git fsck' shows the extent");
    }
    GitProgram.require(outcome, "pack-objects");
  }
}
