-- How much does weather slow traffic down?
-- Each record of weather counts once, with the mean speed (km/h) that the same device measured in the same minute; it is
-- left out if there is none. rain: none, light below 2.5 mm/h, moderate below 10, else heavy.
WITH speeds AS (
    SELECT
        device_id,
        DATE_TRUNC('minute', CAST(event_time AS TIMESTAMP)) AS minute_of,
        AVG(speed) AS speed
    FROM gps
    GROUP BY 1, 2
),

skies AS (
    SELECT
        device_id,
        weather_condition,
        DATE_TRUNC('minute', CAST(event_time AS TIMESTAMP)) AS minute_of,
        CASE
            WHEN precipitation = 0 THEN 'none'
            WHEN precipitation < 2.5 THEN 'light'
            WHEN precipitation < 10 THEN 'moderate'
            ELSE 'heavy'
        END AS rain
    FROM weather
)

SELECT
    skies.weather_condition,
    skies.rain,
    COUNT(*) AS records,
    AVG(speeds.speed) AS average_speed
FROM skies
INNER JOIN speeds ON skies.device_id = speeds.device_id AND skies.minute_of = speeds.minute_of
GROUP BY skies.weather_condition, skies.rain
ORDER BY average_speed DESC, skies.weather_condition, skies.rain
