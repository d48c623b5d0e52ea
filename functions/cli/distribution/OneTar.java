import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Packs a folder, the same bytes each time and on each system: {@code java OneTar.java FOLDER
 * TIMESTAMP TAR_GZ}. Order, times, owners and modes are fixed, for which the {@code tar} of not
 * every system has options. The format is POSIX's {@code ustar}.
 */
final class OneTar {
  private static final int BLOCK = 512;

  private OneTar() {}

  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]).toAbsolutePath().normalize();
    long seconds = Instant.parse(args[1]).getEpochSecond();
    try (Stream<Path> walk = Files.walk(root);
        OutputStream file = Files.newOutputStream(Path.of(args[2]));
        OutputStream out = new Smallest(file)) {
      List<Path> all = walk.sorted().toList();
      for (Path each : all) {
        String name = root.getParent().relativize(each).toString().replace('\\', '/');
        add(each, name, seconds, out);
      }
      out.write(new byte[2 * BLOCK]);
    }
  }

  private static final class Smallest extends GZIPOutputStream {
    Smallest(OutputStream out) throws IOException {
      super(out, 1 << 16);
      def.setLevel(Deflater.BEST_COMPRESSION);
    }
  }

  private static void add(Path file, String name, long seconds, OutputStream out)
      throws IOException {
    if (Files.isSymbolicLink(file)) {
      String target = Files.readSymbolicLink(file).toString().replace('\\', '/');
      out.write(header(name, 0777, 0, seconds, '2', target));
    } else if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
      out.write(header(name + "/", 0755, 0, seconds, '5', ""));
    } else {
      long size = Files.size(file);
      out.write(header(name, Files.isExecutable(file) ? 0755 : 0644, size, seconds, '0', ""));
      Files.copy(file, out);
      out.write(new byte[(int) (-size & (BLOCK - 1))]);
    }
  }

  private static byte[] header(
      String name, int mode, long size, long seconds, char type, String link) throws IOException {
    ByteArrayOutputStream header = new ByteArrayOutputStream(BLOCK);
    int cut = cut(name);
    text(header, name.substring(cut), 100);
    octal(header, mode, 8);
    octal(header, 0, 8); // owner
    octal(header, 0, 8); // group
    octal(header, size, 12);
    octal(header, seconds, 12);
    text(header, "        ", 8); // the sum, as if it were blank
    text(header, String.valueOf(type), 1);
    text(header, link, 100);
    text(header, "ustar\u000000", 8);
    text(header, "", 32); // names of owner and group
    text(header, "", 32);
    octal(header, 0, 8); // of a device
    octal(header, 0, 8);
    text(header, cut == 0 ? "" : name.substring(0, cut - 1), 155);
    text(header, "", 12);
    byte[] bytes = header.toByteArray();
    int sum = 0;
    for (byte each : bytes) {
      sum += each & 0xff;
    }
    ByteArrayOutputStream checked = new ByteArrayOutputStream(8);
    octal(checked, sum, 7);
    System.arraycopy(checked.toByteArray(), 0, bytes, 148, 7);
    return bytes;
  }

  /** Where a name goes on in its second field: behind a slash, so that both parts fit. */
  private static int cut(String name) {
    int cut = 0;
    while (name.length() - cut > 100) {
      cut = name.indexOf('/', cut) + 1;
    }
    return cut;
  }

  private static void text(ByteArrayOutputStream header, String text, int length)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > length) {
      throw new IOException(text + " is longer than the " + length + " bytes that tar has for it");
    }
    header.writeBytes(bytes);
    header.writeBytes(new byte[length - bytes.length]);
  }

  private static void octal(ByteArrayOutputStream header, long number, int length)
      throws IOException {
    String digits = Long.toOctalString(number);
    text(header, "0".repeat(length - 1 - digits.length()) + digits, length);
  }
}
