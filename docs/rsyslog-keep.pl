#!/usr/bin/perl
# Keeps what rsyslog hands over (omprog, confirmMessages="on"): a line is on the disk before it is
# confirmed, or it is not there at all and rsyslog tries again. omfile drops what a full disk refuses.
use strict;
use warnings;
use Fcntl qw(:DEFAULT :flock);
use IO::Handle;

sysopen(my $file, $ARGV[0], O_RDWR | O_CREAT | O_APPEND, 0600) or die "$ARGV[0]: $!\n";
# The keeper of a killed rsyslog may still be at its last line.
flock($file, LOCK_EX) or die "$ARGV[0]: $!\n";
$| = 1;
print "OK\n";
while (my $line = <STDIN>) {
    my $good = -s $file;
    my $written = syswrite($file, $line) // 0;
    if ($written == length($line) && $file->sync) {
        print "OK\n";
        next;
    }
    truncate($file, $good);
    print "Error: not kept: $!\n";
}
