package dev.sheaf.localstack.servers.s3.awssdk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.gaul.s3proxy.S3ErrorCode;
import org.gaul.s3proxy.S3ProxyException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps each object as one file in a folder, and keeps it through a crash: the file is written
 * under {@code incoming/}, forced to disk, renamed to its place, and the place's folder is forced
 * too, all before a PUT is answered. A file in its place is therefore always whole.
 *
 * <p>An object's place is {@code objects/<aa>/<SHA-256 of its key>}, for a key may be anything,
 * also {@code q/x} beside {@code q/x/y}. What is left in {@code incoming/} after a crash was never
 * acknowledged and is deleted at the next start; so are the parts of multipart uploads that were
 * not completed.
 */
final class FolderVault implements Vault {
  private static final Logger log = LoggerFactory.getLogger(FolderVault.class);
  private static final int ON_HEAP_BYTES = 1 << 20;

  /** Left for the database that shares the disk: without it, it gives up. */
  private static final long RESERVED_BYTES = 64L << 20;

  private final Path objects;
  private final Path incoming;
  private final LongSupplier usableBytes;
  private final AtomicLong serial = new AtomicLong();

  FolderVault(Path folder) throws IOException {
    this(folder, () -> folder.toFile().getUsableSpace());
  }

  FolderVault(Path folder, LongSupplier usableBytes) throws IOException {
    this.usableBytes = usableBytes;
    objects = folder.resolve("objects");
    incoming = folder.resolve("incoming");
    Files.createDirectories(incoming);
    for (int i = 0; i < 256; i++) {
      Files.createDirectories(objects.resolve(HexFormat.of().toHexDigits((byte) i)));
    }
    force(objects);
    force(folder);
    try (DirectoryStream<Path> torn = Files.newDirectoryStream(incoming)) {
      for (Path file : torn) {
        Files.delete(file);
      }
    }
  }

  @Override
  public Body receive(InputStream bytes) throws IOException {
    if (usableBytes.getAsLong() < RESERVED_BYTES) {
      throw new S3ProxyException(
          S3ErrorCode.INTERNAL_ERROR,
          "the disk of %s has less than %d MiB left; make room, and send it again"
              .formatted(objects.getParent(), RESERVED_BYTES >> 20));
    }
    byte[] head = bytes.readNBytes(ON_HEAP_BYTES + 1);
    if (head.length <= ON_HEAP_BYTES) {
      return new Body.InMemory(head);
    }
    Path path = newPath();
    try (FileChannel file = create(path)) {
      write(file, ByteBuffer.wrap(head));
      byte[] buffer = new byte[1 << 16];
      for (int n = bytes.read(buffer); n >= 0; n = bytes.read(buffer)) {
        write(file, ByteBuffer.wrap(buffer, 0, n));
      }
      return new Incoming(path, file.position());
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(path);
      throw e;
    }
  }

  @Override
  public Body join(List<Body> parts) throws IOException {
    Path path = newPath();
    try (FileChannel file = create(path)) {
      for (Body part : parts) {
        append(file, part);
      }
      return new Incoming(path, file.position());
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(path);
      throw e;
    }
  }

  private static void append(FileChannel file, Body part) throws IOException {
    try (InputStream bytes = part.open()) {
      byte[] buffer = new byte[1 << 16];
      for (int n = bytes.read(buffer); n >= 0; n = bytes.read(buffer)) {
        write(file, ByteBuffer.wrap(buffer, 0, n));
      }
    }
  }

  @Override
  public Staged stage(StoredObject object) throws IOException {
    Path path = object.body() instanceof Incoming received ? received.path : newPath();
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      if (!(object.body() instanceof Incoming)) {
        append(file, object.body());
      }
      write(file, ObjectFile.tail(object));
      file.force(true);
      return new StagedFile(object, path);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(path);
      throw e;
    }
  }

  @Override
  public StoredObject publish(Staged staged) throws IOException {
    StoredObject object = staged.object();
    Path place = place(object.key());
    Files.move(
        ((StagedFile) staged).path,
        place,
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    force(parent(place));
    return object.withBody(new ObjectFile(place, object.size()));
  }

  @Override
  public void remove(StoredObject object) throws IOException {
    Path place = place(object.key());
    Files.deleteIfExists(place);
    force(parent(place));
  }

  @Override
  public void load(Consumer<StoredObject> found) throws IOException {
    List<Path> folders = new ArrayList<>();
    try (DirectoryStream<Path> fanOut = Files.newDirectoryStream(objects)) {
      fanOut.forEach(folders::add);
    }
    folders.parallelStream().forEach(folder -> loadFolder(folder, found));
  }

  private static void loadFolder(Path folder, Consumer<StoredObject> found) {
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(file -> {
        StoredObject object = readOrNull(file);
        if (object != null) {
          found.accept(object);
        }
      });
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("cannot list " + folder, e);
    }
  }

  /** A damaged file must not keep the others from being served; it stays for a person to look. */
  private static @Nullable StoredObject readOrNull(Path file) {
    try {
      return ObjectFile.read(file);
    } catch (IOException e) {
      log.error("left out of the bucket: {}", e.getMessage());
      return null;
    }
  }

  @Override
  public void close() {}

  private Path newPath() {
    return incoming.resolve(serial.incrementAndGet() + ".tmp");
  }

  private static FileChannel create(Path path) throws IOException {
    return FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private static void write(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  /** Forces a folder's entries, as new or removed names, to disk. */
  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static Path parent(Path place) {
    return java.util.Objects.requireNonNull(place.getParent());
  }

  private Path place(Key key) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.bytes());
      String name = HexFormat.of().formatHex(hash);
      return objects.resolve(name.substring(0, 2)).resolve(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Received bytes in a file under {@code incoming/}. */
  private static final class Incoming implements Body {
    private final Path path;
    private final long size;

    Incoming(Path path, long size) {
      this.path = path;
      this.size = size;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public InputStream open(long offset, long length) throws IOException {
      return new ChannelStream(
          FileChannel.open(path, StandardOpenOption.READ), offset, length, true);
    }

    /** Does nothing once the file was renamed to its place. */
    @Override
    public void close() throws IOException {
      Files.deleteIfExists(path);
    }
  }

  private record StagedFile(StoredObject object, Path path) implements Staged {
    @Override
    public void close() throws IOException {
      Files.deleteIfExists(path);
    }
  }
}
