package dev.sheaf.localstack.servers.s3.awssdk;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import org.jspecify.annotations.Nullable;

/** The buckets of a server: in memory, or each in a folder of its own below one folder. */
final class Buckets {
  private final @Nullable Path folder;
  private final Map<String, Bucket> byName = new ConcurrentHashMap<>();

  /**
   * @param folder null keeps everything in memory; otherwise every bucket found there is opened
   */
  Buckets(@Nullable Path folder) throws IOException {
    this.folder = folder;
    if (folder != null) {
      Files.createDirectories(folder);
      try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, Files::isDirectory)) {
        for (Path bucket : found) {
          open(bucket.getFileName().toString());
        }
      }
    }
  }

  private void open(String name) throws IOException {
    Vault vault = folder == null ? new MemoryVault() : new FolderVault(folder.resolve(name));
    byName.put(name, new Bucket(name, vault));
  }

  List<String> names() {
    return byName.keySet().stream().sorted().toList();
  }

  @Nullable Bucket find(String name) {
    return byName.get(name);
  }

  /** The bucket, or S3's 404. */
  Bucket get(String name) {
    Bucket bucket = byName.get(name);
    if (bucket == null) {
      throw S3Exceptions.noSuchBucket(name, "no such bucket");
    }
    return bucket;
  }

  /**
   * @return false when the bucket exists already
   */
  synchronized boolean create(String name) throws IOException {
    if (byName.containsKey(name)) {
      return false;
    }
    open(name);
    return true;
  }

  /** Removes a bucket that holds nothing; one that does not exist is no error. */
  synchronized void delete(String name) throws IOException {
    Bucket bucket = byName.get(name);
    if (bucket == null) {
      return;
    }
    if (!bucket.index().isEmpty()) {
      throw S3Exceptions.bucketNotEmpty(name);
    }
    byName.remove(name);
    if (folder != null) {
      try (Stream<Path> below = Files.walk(folder.resolve(name))) {
        for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
