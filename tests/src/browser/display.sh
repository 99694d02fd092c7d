# Becomes a driver whose browsers have a display in memory, a language and a theme of GTK. The arguments are the locale,
# the theme and the driver's command.
#
# Files tell the display's process ID (display.pid) and its number (display.number). It has a lock and a socket outside of
# the directory, which it removes if it is asked to end.

locale=$1 theme=$2
shift 2
mkdir locales
localedef -i "$locale" -f UTF-8 "locales/$locale.UTF-8" || exit 1

mkfifo display
Xvfb -displayfd 3 -screen 0 1600x1200x24 -nolisten tcp 3>display &
echo "$!" >display.pid
read -r number <display || exit 1
echo "$number" >display.number

# No bus is asked for, since none would be there.
export DISPLAY=":$number" GDK_BACKEND=x11 NO_AT_BRIDGE=1 GTK_THEME="$theme"
export LOCPATH="$PWD/locales" LC_ALL="$locale.UTF-8"
exec "$@"
