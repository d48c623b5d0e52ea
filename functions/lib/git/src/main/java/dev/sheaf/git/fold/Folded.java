package dev.sheaf.git.fold;

import dev.sheaf.git.SpooledPack;
import java.util.Optional;

/**
 * What a fold made: temp files, deleted by {@link #close}.
 *
 * @param pack what takes the folded packs' place; empty where refs reach nothing
 * @param unreachable what no ref reached, and is kept for a while; a pack of its own
 * @param dropped number of objects that are in no pack any more
 */
public record Folded(Optional<SpooledPack> pack, Optional<SpooledPack> unreachable, long dropped)
    implements AutoCloseable {
  @Override
  public void close() {
    pack.ifPresent(SpooledPack::close);
    unreachable.ifPresent(SpooledPack::close);
  }
}
